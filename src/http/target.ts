import { isUtf8 } from 'node:buffer';
import { ApiError } from './api-error.js';

/** A request's target, split but not yet decoded. */
export interface Target {
  readonly path: string;
  readonly query: string;
}

/** Node hands over the raw bytes of a target as Latin-1; those who send no escapes send UTF-8. */
export function parseTarget(url: string): Target {
  const text = isAscii(url) ? url : decodeBytes(url);
  const mark = text.indexOf('?');
  if (mark < 0) return { path: text, query: '' };
  return { path: text.slice(0, mark), query: text.slice(mark + 1) };
}

/** Whether the path is `prefix` itself or goes on below it. */
export function isUnder(path: string, prefix: string): boolean {
  if (!path.startsWith(prefix)) return false;
  if (path.length === prefix.length) return true;
  const after = path[prefix.length];
  return after === '/' || after === '?';
}

function decodeBytes(url: string): string {
  const bytes = Buffer.from(url, 'latin1');
  if (!isUtf8(bytes)) throw new ApiError('invalidForm', 'the URL is not UTF-8');
  return bytes.toString('utf8');
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}
