import { isUtf8 } from 'node:buffer';
import { cleanPath } from '../../command/path.js';
import { ApiError } from '../../service/api-error.js';
import { unescapeText } from './form.js';

/** A request's target. The path is decoded, the query is not. */
export interface Target {
  readonly path: string;
  readonly query: string;
  /** It is ASCII, and its path has no escapes and is clean. */
  readonly isPlain: boolean;
}

/** Matches nearly all plain targets in one test; none with a segment that begins with a dot. */
const plain = /^(?:\/[\w~:=+@,$-][\w.~:=+@,$-]*)+\/?(?:\?[!-~]*)?$/;

export function parseTarget(url: string): Target {
  const isPlain = plain.test(url);
  const text = isPlain ? url : relativeForm(textOf(url));
  const mark = text.indexOf('?');
  const path = mark < 0 ? text : text.slice(0, mark);
  const query = mark < 0 ? '' : text.slice(mark + 1);
  return { path: isPlain ? path : unescapeText(path), query, isPlain };
}

/** Whether the path is `prefix` or below it. */
export function isUnder(path: string, prefix: string): boolean {
  if (!path.startsWith(prefix)) return false;
  return path.length === prefix.length || path[prefix.length] === '/';
}

/** The segments of a path below the prefix. */
export function segmentsBelow(prefix: string, path: string): readonly string[] {
  return path.slice(prefix.length).split('/');
}

/** Clean in the sense of Go's router: no empty or dotted segment; a trailing slash stays. */
export function routedPath(path: string): string {
  const clean = cleanPath(path);
  return path.endsWith('/') && clean !== '/' ? `${clean}/` : clean;
}

/** Node decodes the bytes of a target as Latin-1. Clients that do not escape send UTF-8. */
function textOf(url: string): string {
  const bytes = Buffer.from(url, 'latin1');
  if (!isUtf8(bytes)) throw new ApiError('invalidForm', 'the URL is not UTF-8');
  return bytes.toString('utf8');
}

/** A client that uses this server as a proxy sends an absolute URL. */
function relativeForm(text: string): string {
  return text.startsWith('/') ? text : text.replace(/^https?:\/\/[^/?#]*/i, '');
}
