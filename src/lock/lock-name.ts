import { isLockName } from '../command/lock-path.js';
import { failure, ok, type Result } from '../result.js';

/** The name in the segments of a path, or why it is none. Empty segments are ignored. */
export function lockName(segments: readonly string[]): Result<string, string> {
  const parts = segments.filter((segment) => segment !== '');
  if (parts.length === 0) return failure('the name is empty');
  for (const part of parts) {
    if (part === '.' || part === '..') {
      return failure(`"${part}" cannot be a part of a name`);
    }
    // Queue entries are keys of 20 digits in the directory of their lock; a lock must not look like
    // one.
    if (/^[0-9]{20}$/.test(part)) {
      return failure(`a part of a name cannot have 20 digits: "${part}"`);
    }
  }
  const name = parts.join('/');
  if (!isLockName(name)) return failure('the name is too long or has too many parts');
  return ok(name);
}
