import { ApiError } from './api-error.js';

export type Parameters = ReadonlyMap<string, string>;

export const noParameters: Parameters = new Map();

/**
 * The fields of a query or a form body. A name that comes twice is refused: which of the two
 * was meant cannot be known, and a wrong guess changes the wrong key.
 */
export function parseForm(text: string): Parameters {
  if (text === '') return noParameters;
  // What Go's url.ParseQuery says since semicolons no longer separate fields.
  if (text.includes(';')) {
    throw new ApiError('invalidForm', 'invalid semicolon separator in query');
  }
  const fields = new Map<string, string>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decodeField(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : decodeField(pair.slice(equals + 1));
    if (fields.has(name)) throw new ApiError('invalidForm', `parameter given twice: "${name}"`);
    fields.set(name, value);
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
  if (contentType === undefined) return false;
  const semicolon = contentType.indexOf(';');
  const mediaType = semicolon < 0 ? contentType : contentType.slice(0, semicolon);
  return mediaType.trim().toLowerCase() === 'application/x-www-form-urlencoded';
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
  const broken = /%(?![0-9a-f]{2})/i.exec(text);
  if (broken === null) return 'the URL escapes are not UTF-8';
  return `invalid URL escape "${text.slice(broken.index, broken.index + 3)}"`;
}
