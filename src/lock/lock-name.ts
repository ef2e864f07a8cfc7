import { isLockName } from '../command/lock-path.js';

/** The name in the segments of a path, or why it is none. Empty segments are ignored. */
export function lockName(segments: readonly string[]): LockName {
  const parts = segments.filter((segment) => segment !== '');
  if (parts.length === 0) return { type: 'invalid', cause: 'the name is empty' };
  for (const part of parts) {
    if (part === '.' || part === '..') {
      return { type: 'invalid', cause: `"${part}" cannot be a part of a name` };
    }
    // Queue entries are keys of 20 digits in the directory of their lock; a lock must not look like one.
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
