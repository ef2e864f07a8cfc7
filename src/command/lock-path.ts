import { isCleanPath, pathDepth, pathDepthMax, pathLengthMax } from './path.js';

/** Locks and elections are alike, and apart: each has its own names. */
export type LockSpace = 'lock' | 'leader';

const indexDigits = 20;
const inOrderSegment = /(?:^|\/)\d{20}(?:\/|$)/;

const roots: Readonly<Record<LockSpace, string>> = {
  lock: '/_etcd/mod/lock',
  leader: '/_etcd/mod/leader',
};

export function lockRoot(space: LockSpace): string {
  return roots[space];
}

export function lockDirectory(space: LockSpace, name: string): string {
  return `${roots[space]}/${name}`;
}

/** An in-order key: the index at which it was created, so that names sort as indexes do. */
export function inOrderKey(index: number): string {
  return String(index).padStart(indexDigits, '0');
}

/**
 * Clean, not empty, without slashes at its ends, and without a segment that could be a queue entry in the
 * queue of a shorter name.
 */
export function isLockName(name: string): boolean {
  const path = `/${name}`;
  return (
    name !== '' &&
    isCleanPath(path) &&
    path.length <= pathLengthMax / 2 &&
    pathDepth(path) <= pathDepthMax / 2 &&
    !inOrderSegment.test(name)
  );
}

/**
 * Whether the keys API must leave the path alone: it is a lock's, or above all locks. Otherwise a lock
 * could change hands without its queue knowing.
 */
export function isReservedPath(path: string): boolean {
  if (!path.startsWith('/_etcd')) return false;
  if (path === '/_etcd' || path === '/_etcd/mod') return true;
  return isAtOrUnder(path, roots.lock) || isAtOrUnder(path, roots.leader);
}

function isAtOrUnder(path: string, root: string): boolean {
  return path.startsWith(root) && (path.length === root.length || path[root.length] === '/');
}
