import { urlOf } from './request.js';

/** The line for a shell that sends the same request. */
export function curlLine(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  query: Readonly<Record<string, string>> = {},
): string {
  // A URL may hold an apostrophe, which would end the quotation.
  const url = urlOf(path, query).replaceAll("'", '%27');
  return method === 'GET' ? `curl '${url}'` : `curl -X ${method} '${url}'`;
}

/** As `curlLine`, with a body. */
export function curlJsonLine(method: 'POST', path: string, json: object): string {
  // JSON may have any character as a number.
  const body = JSON.stringify(json).replaceAll("'", '\\u0027');
  return `${curlLine(method, path)} -H 'Content-Type: application/json' -d '${body}'`;
}
