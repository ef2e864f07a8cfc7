import { isReservedPath } from '../../command/lock-path.js';
import type { KeyRight, Right } from '../../command/right.js';
import type { KeysView } from '../../view/keys-view.js';
import type { ApiRequest, RequestHead } from '../server/api-request.js';
import { type KeyRequest, keyPath, parseKeyRequest } from './key-request.js';

/**
 * What a request for keys needs, by the keys as they are now. A listing shows the values of the
 * keys in a directory, so it needs the right to read them.
 */
export function keyRights(
  request: ApiRequest,
  keys: Pick<KeysView, 'isDirectory'>,
): readonly Right[] {
  const { path, recursive, wait, hidden } = parseKeyRequest(request);
  if (!isRead(request.method)) return [{ type: 'key', action: 'write', path, recursive }];
  if (wait) return watchRights({ path, recursive });
  const needed: Right[] = [...watchRights({ path, recursive })];
  if (!recursive && keys.isDirectory(path)) needed.push(childrenRight(path));
  if (path === '/' && recursive && hidden) needed.push(...allLocks);
  return needed;
}

/** What a request needs whatever its parameters are. */
export function headKeyRights({ method, segments }: RequestHead): readonly Right[] {
  const key = { path: keyPath(segments), recursive: false };
  return isRead(method) ? watchRights(key) : [{ type: 'key', action: 'write', ...key }];
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** What a watch needs, as long as it goes on. */
export function watchRights({
  path,
  recursive,
}: Pick<KeyRequest, 'path' | 'recursive'>): readonly Right[] {
  const right: Right = { type: 'key', action: 'read', path, recursive };
  return isReservedPath(path) ? [right, ...allLocks] : [right];
}

function childrenRight(path: string): KeyRight {
  const below = path === '/' ? path : `${path}/`;
  return { type: 'key', action: 'read', path: below, recursive: true };
}

/** The keys of locks and elections tell who holds and who waits. */
const allLocks: readonly Right[] = [
  { type: 'lock', space: 'lock', action: 'read', name: '', recursive: true },
  { type: 'lock', space: 'leader', action: 'read', name: '', recursive: true },
];
