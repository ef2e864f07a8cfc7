import { isCleanPath, pathDepth, pathDepthMax, pathLengthMax } from './path.js';

/** Locks and elections work alike, and have separate names. */
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

/** The name of an in-order key: its index with leading zeros, so that names sort as indexes do. */
export function inOrderKey(index: number): string {
  return String(index).padStart(indexDigits, '0');
}

/**
 * Whether the name is clean, not empty, without slashes at its ends, and without a segment that
 * could be the key of a queue entry of another lock.
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
 * Whether the keys API must not write the path, since it belongs to a lock or is above all locks.
 * The tree and the queues would differ otherwise.
 */
export function isReservedPath(path: string): boolean {
  if (!path.startsWith('/_etcd')) return false;
  if (path === '/_etcd' || path === '/_etcd/mod') return true;
  return isAtOrUnder(path, roots.lock) || isAtOrUnder(path, roots.leader);
}

function isAtOrUnder(path: string, root: string): boolean {
  return path.startsWith(root) && (path.length === root.length || path[root.length] === '/');
}
