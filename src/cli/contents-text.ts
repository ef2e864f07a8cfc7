import type { Contents } from '../backup/contents.js';

/** In one line. */
export function contentsText({ etcdIndex, keys, locks, elections }: Contents): string {
  const counts = [counted(keys, 'key'), counted(locks, 'lock'), counted(elections, 'election')];
  return [`index ${etcdIndex}`, ...counts].join(', ');
}

function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}
