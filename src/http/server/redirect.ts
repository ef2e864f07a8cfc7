import { plainHead, type TextResponse, textResponse } from './api-response.js';

/**
 * Redirects a path that is not clean to the clean one, as Go's router does for etcd: for every
 * method, with the query, and with a link in the body.
 */
export function redirectTo(path: string, query: string, method: string): TextResponse {
  const url = targetTo(path, query);
  const headers = { Location: escapeBytes(url) };
  switch (method) {
    case 'GET':
      return textResponse(
        301,
        htmlType,
        `<a href="${escapeHtml(url)}">Moved Permanently</a>.\n\n`,
        headers,
      );
    case 'HEAD':
      return textResponse(301, htmlType, '', headers);
    default:
      return plainHead(301, headers);
  }
}

const htmlType = 'text/html; charset=utf-8';

/** Escapes the path and leaves the query unchanged. */
export function targetTo(path: string, query: string): string {
  return query === '' ? escapePath(path) : `${escapePath(path)}?${query}`;
}

/** Escapes all but the characters that Go leaves alone in a path. */
function escapePath(path: string): string {
  return path.replace(/[^\w.~$&+,/:;=@-]/gu, percent);
}

function escapeBytes(text: string): string {
  return text.replace(/[^\0-\x7f]/gu, (char) => percent(char).toLowerCase());
}

function percent(char: string): string {
  let escaped = '';
  for (const byte of Buffer.from(char, 'utf8')) {
    escaped += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}

const htmlEscapes = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&#34;'],
  ["'", '&#39;'],
]);

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => htmlEscapes.get(char) ?? char);
}
