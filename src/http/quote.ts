import { isUtf8 } from 'node:buffer';

const unsafe = /[<>&\u2028\u2029]|\\[bf\\]/g;
/** Most keys and values: they need no escape, so that a look at them is all they cost. */
const plain = /^[\w ./:;=+,@#$%*()[\]{}|~!?'-]*$/;

/** A JSON string, escaped as etcd's encoder does it, so that no reader can take it for HTML. */
export function quote(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(unsafe, escapeUnit);
}

/** An escaped backslash is matched only so that what follows it is not taken for an escape. */
function escapeUnit(unit: string): string {
  if (unit === '\\\\') return unit;
  if (unit === '\\b') return '\\u0008';
  if (unit === '\\f') return '\\u000c';
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** As Go quotes a string for people: bytes that are no text are shown by their numbers. */
export function quoteBytes(bytes: Buffer): string {
  const text = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
  const pattern = isUtf8(bytes) ? /["\\\p{Cc}]/gu : /["\\]|[^ -~]/g;
  return `"${text.replace(pattern, (char) => quotedChar(char))}"`;
}

function quotedChar(char: string): string {
  if (char === '"' || char === '\\') return `\\${char}`;
  const short = '\x07\b\f\n\r\t\v'.indexOf(char);
  if (short >= 0) return `\\${'abfnrtv'[short]}`;
  return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
