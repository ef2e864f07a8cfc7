import { isLockName } from '../command/lock-path.js';

/** The name that the segments of a path spell, or why they spell none. Empty segments do not count. */
export function lockName(segments: readonly string[]): LockName {
  const parts = segments.filter((segment) => segment !== '');
  if (parts.length === 0) return { type: 'invalid', cause: 'the name is empty' };
  for (const part of parts) {
    if (part === '.' || part === '..') {
      return { type: 'invalid', cause: `"${part}" cannot be a part of a name` };
    }
    // Places are keys of 20 digits in the directory of their lock; a lock must not look like one.
    if (/^[0-9]{20}$/.test(part)) {
      return { type: 'invalid', cause: `a part of a name cannot have 20 digits: "${part}"` };
    }
  }
  const name = parts.join('/');
  if (!isLockName(name))
    return { type: 'invalid', cause: 'the name is too long or has too many parts' };
  return { type: 'name', name };
}

export type LockName =
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'invalid'; readonly cause: string };
