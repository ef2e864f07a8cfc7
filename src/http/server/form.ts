import { isUtf8 } from 'node:buffer';
import { ApiError } from '../../service/api-error.js';
import { mediaTypeOf } from './media-type.js';

export type Parameters = ReadonlyMap<string, string>;

const formType = 'application/x-www-form-urlencoded';

export const noParameters: Parameters = new Map();

/**
 * Far more than there are parameters. A form of a million pairs would delay every other request.
 */
export const pairsMax = 100;

/** Characters of the client's input that an error repeats. */
const shownMax = 100;

/** What happens to a parameter that is given twice in one form. */
export type Repeats = 'first counts' | 'refused';

/** The fields of a query or a form body. */
export function parseForm(text: string, repeats: Repeats): Parameters {
  if (text === '') return noParameters;
  // The words of Go's url.ParseQuery.
  if (text.includes(';')) {
    throw new ApiError('invalidForm', 'invalid semicolon separator in query');
  }
  const fields = new Map<string, string>();
  const pairs = text.split('&', pairsMax + 1);
  if (pairs.length > pairsMax) {
    throw new ApiError('invalidForm', `a request has at most ${pairsMax} parameters`);
  }
  for (const pair of pairs) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decodeField(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : decodeField(pair.slice(equals + 1));
    if (!fields.has(name)) fields.set(name, value);
    else if (repeats === 'refused') {
      throw new ApiError('invalidForm', `parameter given twice: "${name.slice(0, shownMax)}"`);
    }
  }
  return fields;
}

/** The form body wins over the query. */
export function mergeParameters(query: Parameters, body: Parameters): Parameters {
  if (query.size === 0) return body;
  if (body.size === 0) return query;
  return new Map([...query, ...body]);
}

export function isForm(contentType: string | undefined): boolean {
  if (contentType === undefined || contentType === '') return false;
  return contentType === formType || mediaTypeOf(contentType) === formType;
}

/** A form in another charset would be misread. */
export function checkCharset(contentType: string | undefined): void {
  const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(contentType ?? '')?.[1];
  if (charset === undefined || /^(utf-?8|us-ascii)$/i.test(charset)) return;
  throw new ApiError('invalidForm', `a form must be in UTF-8, not "${charset.slice(0, shownMax)}"`);
}

export function unescapeText(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ApiError('invalidForm', escapeFault(text));
  }
}

function decodeField(text: string): string {
  return unescapeText(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

function escapeFault(text: string): string {
  const at = text.search(/%(?![0-9a-f]{2})/i);
  if (at < 0) return 'the URL escapes are not UTF-8';
  const three = Buffer.from(text.slice(at, at + 3), 'utf8').subarray(0, 3);
  return `invalid URL escape ${quoteBytes(three)}`;
}

/** As Go's %q prints a string: bytes that are no UTF-8 are shown by their numbers. */
function quoteBytes(bytes: Buffer): string {
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
