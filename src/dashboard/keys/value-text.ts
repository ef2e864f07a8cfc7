export type ValueForm = 'text' | 'json' | 'hex';

/** Text with control or replacement characters is shown in hex only. */
export function bestForm(value: string): ValueForm {
  if (unreadable.test(value.replaceAll(/[\t\n\r]/g, ''))) return 'hex';
  return formattedJson(value) === undefined ? 'text' : 'json';
}

const unreadable = /[\p{Cc}\uFFFD]/u;

/** Undefined unless it is an object or an array: a lone number or string needs no formatting. */
export function formattedJson(value: string): string | undefined {
  if (!/^\s*[[{]/.test(value)) return undefined;
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return undefined;
  }
}

const hexBytesMax = 16_384;

/** Sixteen bytes per line: offset, hex, printable characters. */
export function hexDump(value: string): string {
  const bytes = new TextEncoder().encode(value);
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, hexBytesMax); at += 16) {
    const line = [...bytes.subarray(at, at + 16)];
    const hex = line.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const letters = line.map((byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
    );
    lines.push(`${at.toString(16).padStart(6, '0')}  ${hex.padEnd(47)}  ${letters.join('')}`);
  }
  if (bytes.length > hexBytesMax) lines.push(`… ${bytes.length - hexBytesMax} more bytes`);
  return lines.join('\n');
}

export function byteLength(value: string): number {
  return new TextEncoder().encode(value).length;
}
