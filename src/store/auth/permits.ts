import { assertNever } from '../../assert.js';
import { isEmpty, type Permissions } from '../../command/permissions.js';
import type { KeyRight, LockRight, Right } from '../../command/right.js';

/** Whether the permissions include the right. */
export function permits(permissions: Permissions, right: Right): boolean {
  switch (right.type) {
    case 'key':
      return matches(keyPatterns(permissions, right), right.path, right.recursive);
    case 'lock':
      return lockPatterns(permissions, right).some((patterns) =>
        matches(patterns, right.name, right.recursive),
      );
    case 'admin':
      return permissions.admin.includes(right.kind);
    case 'client':
      return !isEmpty(permissions);
    case 'root':
      return false;
    default:
      return assertNever(right);
  }
}

function keyPatterns(permissions: Permissions, { action }: KeyRight): readonly string[] {
  return action === 'read' ? permissions.keyRead : permissions.keyWrite;
}

/** Whoever may change a lock may see it: its refusals tell who holds. */
function lockPatterns(
  permissions: Permissions,
  { space, action }: LockRight,
): readonly (readonly string[])[] {
  const isLock = space === 'lock';
  const acquire = isLock ? permissions.lockAcquire : permissions.electionAcquire;
  const release = isLock ? permissions.lockRelease : permissions.electionRelease;
  if (action === 'acquire') return [acquire];
  if (action === 'release') return [release];
  return [isLock ? permissions.lockRead : permissions.electionRead, acquire, release];
}

/**
 * A pattern with a star at its end fits every name that begins with what stands before the star;
 * any other pattern fits one name. Only the former can fit all names that begin with a given one.
 */
function matches(patterns: readonly string[], name: string, recursive: boolean): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : !recursive && name === pattern,
  );
}
