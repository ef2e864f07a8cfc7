import { urlOf } from './request.js';

/** The line for a shell that sends the same request. */
export function curlLine(
  method: 'GET' | 'DELETE',
  path: string,
  query: Readonly<Record<string, string>> = {},
): string {
  // A URL may hold an apostrophe, which would end the quotation.
  const url = urlOf(path, query).replaceAll("'", '%27');
  return method === 'GET' ? `curl '${url}'` : `curl -X ${method} '${url}'`;
}
