/** An element as `der.ts` writes it. */
interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** The elements that follow each other in the bytes; undefined when they are no such elements. */
export function elementsIn(bytes: Uint8Array): readonly Element[] | undefined {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const head = headAt(bytes, at);
    if (head === undefined || head.end > bytes.length) return undefined;
    found.push({ tag: bytes[at] ?? 0, content: bytes.subarray(head.start, head.end) });
    at = head.end;
  }
  return found;
}

function headAt(bytes: Uint8Array, at: number): { start: number; end: number } | undefined {
  const first = bytes[at + 1];
  if (first === undefined) return undefined;
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const digits = bytes.subarray(at + 2, at + 2 + (first & 0x7f));
  if (digits.length === 0 || digits.length > lengthDigitsMax) return undefined;
  const start = at + 2 + digits.length;
  return { start, end: start + digits.reduce((sum, digit) => sum * 256 + digit, 0) };
}

const lengthDigitsMax = 4;

const shortTime = 0x17;
const longTime = 0x18;

export function isTime({ tag }: Element): boolean {
  return tag === shortTime || tag === longTime;
}

/** Wall time in milliseconds; NaN for what is no time (RFC 5280, 4.1.2.5). */
export function wallMsOf({ tag, content }: Element): number {
  const text = Buffer.from(content).toString('latin1');
  const century = Number(text.slice(0, 2)) < 50 ? '20' : '19';
  const whole = tag === shortTime ? `${century}${text}` : text;
  return Date.parse(whole.replace(/^(....)(..)(..)(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
