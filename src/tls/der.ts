/**
 * What a certificate is written with: the distinguished encoding rules of ITU-T X.690, as far as
 * X.509 needs them. Each function returns one whole element.
 */
type Bytes = Uint8Array;

export function sequence(...elements: readonly Bytes[]): Bytes {
  return element(0x30, ...elements);
}

export function setOf(only: Bytes): Bytes {
  return element(0x31, only);
}

/** @param bytes the number, from its highest byte on */
export function unsignedInteger(bytes: Bytes): Bytes {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? Buffer.alloc(1) : bytes.subarray(start);
  // The highest bit is the sign.
  const sign = (digits[0] ?? 0) > 0x7f ? Buffer.alloc(1) : Buffer.alloc(0);
  return element(0x02, sign, digits);
}

/** @param text such as 1.2.840.10045.4.3.2 */
export function objectIdentifier(text: string): Bytes {
  const [first = 0, second = 0, ...others] = text.split('.').map(Number);
  return element(0x06, Buffer.from([first * 40 + second, ...others.flatMap(inSevens)]));
}

export function utf8String(text: string): Bytes {
  return element(0x0c, Buffer.from(text));
}

export function isTrue(): Bytes {
  return element(0x01, Buffer.from([0xff]));
}

export function octetString(...contents: readonly Bytes[]): Bytes {
  return element(0x04, ...contents);
}

/** @param unusedBits at the end of the last byte */
export function bitString(bytes: Bytes, unusedBits: number): Bytes {
  return element(0x03, Buffer.from([unusedBits]), bytes);
}

/** To the second. The year has two digits up to 2049, and four from then on (RFC 5280, 4.1.2.5). */
export function time(wallMs: number): Bytes {
  const text = new Date(wallMs).toISOString().replaceAll(/[-:T]|\..*/g, '');
  const isShort = text < '2050';
  return element(isShort ? 0x17 : 0x18, Buffer.from(`${isShort ? text.slice(2) : text}Z`));
}

/** An element in an element of its own, which tells by its number what it is. */
export function tagged(number: number, only: Bytes): Bytes {
  return element(0xa0 | number, only);
}

/** Bytes whose kind the number tells. */
export function taggedBytes(number: number, bytes: Bytes): Bytes {
  return element(0x80 | number, bytes);
}

function element(tag: number, ...contents: readonly Bytes[]): Bytes {
  const length = contents.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(length)]), ...contents]);
}

function lengthBytes(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return [0x80 | digits.length, ...digits];
}

/** Seven bits in each byte; all but the last say that another follows. */
function inSevens(value: number): readonly number[] {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    digits.unshift(0x80 | (rest % 128));
  }
  return digits;
}
