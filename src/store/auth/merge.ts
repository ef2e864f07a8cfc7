import { noPermissions, type Permissions, permissionNames } from '../../command/permissions.js';
import { failure, ok, type Result } from '../../result.js';
import { compareText } from '../part/text-order.js';

/** As errors name them; etcd has the first two. */
const spoken: Readonly<Record<keyof Permissions, string>> = {
  keyRead: 'read permission',
  keyWrite: 'write permission',
  lockAcquire: 'lock acquire permission',
  lockRelease: 'lock release permission',
  lockRead: 'lock read permission',
  electionAcquire: 'election acquire permission',
  electionRelease: 'election release permission',
  electionRead: 'election read permission',
  admin: 'admin permission',
};

/**
 * The permissions with some more, and without some. As in etcd, what was granted before can't be
 * granted again, and what was not granted may be revoked. A failure is the cause.
 */
export function mergedPermissions(
  old: Permissions,
  grant: Permissions | undefined,
  revoke: Permissions | undefined,
): Result<Permissions, string> {
  const merged: { -readonly [Name in keyof Permissions]: Permissions[Name] } = { ...noPermissions };
  for (const name of permissionNames) {
    const kept = new Set(old[name]);
    for (const pattern of grant?.[name] ?? []) {
      if (kept.has(pattern)) return failure(`Granting duplicate ${spoken[name]} ${pattern}`);
      kept.add(pattern);
    }
    for (const pattern of revoke?.[name] ?? []) kept.delete(pattern);
    merged[name] = [...kept].sort(compareText);
  }
  return ok(merged);
}

/** The roles of a user with some more, and without some. A failure is the cause. */
export function mergedRoles(
  user: string,
  old: readonly string[],
  grant: readonly string[],
  revoke: readonly string[],
): Result<readonly string[], string> {
  const kept = new Set(old);
  for (const role of grant) {
    if (kept.has(role)) return failure(`Granting duplicate role ${role} for user ${user}`);
    kept.add(role);
  }
  for (const role of revoke) {
    if (!kept.delete(role)) return failure(`Revoking ungranted role ${role} for user ${user}`);
  }
  return ok([...kept].sort(compareText));
}
