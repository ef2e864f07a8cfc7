import { assertNever } from '../../assert.js';
import type {
  AuthCommand,
  EnableAuthCommand,
  PasswordHash,
  PutRoleCommand,
  PutUserCommand,
} from '../../command/auth.js';
import type { ErrorName } from '../../command/errors.js';
import { isEmpty, type Permissions } from '../../command/permissions.js';
import { failure, ok, type Result } from '../../result.js';
import { type Accounts, allKeys, guestName, rootName } from './accounts.js';
import { mergedPermissions, mergedRoles } from './merge.js';

/** Whether a command made a user or a role, or why it has no effect. */
type Change = Result<'created' | 'changed', { readonly error: ErrorName; readonly cause: string }>;

const created: Change = ok('created');
const changed: Change = ok('changed');

function refused(error: ErrorName, cause: string): Change {
  return failure({ error, cause });
}

/**
 * Changes users and roles, as etcd 3.4's v2 auth does, with its texts.
 * @param index of the log entry, which is the revision of a password that is set.
 */
export function applyTo(accounts: Accounts, command: AuthCommand, index: number): Change {
  switch (command.type) {
    case 'enableAuth':
      return enable(accounts, command);
    case 'putUser':
      return putUser(accounts, command, index);
    case 'deleteUser':
      return deleteUser(accounts, command.name);
    case 'putRole':
      return putRole(accounts, command);
    case 'deleteRole':
      return deleteRole(accounts, command.name);
    default:
      return assertNever(command);
  }
}

function enable(accounts: Accounts, { enabled }: EnableAuthCommand): Change {
  if (enabled === accounts.enabled) {
    return refused('authConflict', enabled ? 'already enabled' : 'already disabled');
  }
  if (enabled && !accounts.users.has(rootName)) {
    return refused('authConflict', 'No root user available, please create one');
  }
  if (enabled && !accounts.roles.has(guestName)) {
    accounts.roles.set(guestName, { name: guestName, permissions: allKeys });
  }
  accounts.enabled = enabled;
  return changed;
}

function putUser(accounts: Accounts, command: PutUserCommand, index: number): Change {
  const { name, password, roles, grant, revoke } = command;
  const isMerge = grant.length > 0 || revoke.length > 0;
  const known = accounts.users.get(name);
  if (known === undefined && isMerge) return refused('authNotFound', `User ${name} doesn't exist.`);
  if (known === undefined) return createUser(accounts, command, index);
  if (!isMerge && roles.length > 0) {
    return refused('authConflict', `User ${name} already exists.`);
  }
  if (!isMerge && password === undefined) {
    const cause = 'User not updated. Use grant/revoke/password to update the user.';
    return refused('authInvalid', cause);
  }
  const merged = mergedRoles(name, known.roles, grant, revoke);
  if (!merged.ok) return refused('authConflict', merged.error);
  const kept = password === undefined ? known : { password: copyOf(password), revision: index };
  const { revision } = kept;
  const newRoles = withRoot(name, merged.value);
  accounts.users.set(name, { name, password: kept.password, revision, roles: newRoles });
  return changed;
}

function createUser(
  accounts: Accounts,
  { name, password, roles }: PutUserCommand,
  index: number,
): Change {
  if (password === undefined) {
    return refused('authInvalid', `Cannot create user ${name} with an empty password`);
  }
  const user = { name, password: copyOf(password), revision: index };
  accounts.users.set(name, { ...user, roles: withRoot(name, roles) });
  return roles.length > 0 ? changed : created;
}

/** As read, its bytes are a part of the log entry, and would keep all of that in memory. */
function copyOf(password: PasswordHash): PasswordHash {
  const { salt, hash } = password;
  return { ...password, salt: Uint8Array.from(salt), hash: Uint8Array.from(hash) };
}

function withRoot(name: string, roles: readonly string[]): readonly string[] {
  return name === rootName && !roles.includes(rootName) ? [...roles, rootName] : roles;
}

function deleteUser(accounts: Accounts, name: string): Change {
  if (accounts.enabled && name === rootName) {
    return refused('authForbidden', 'Cannot delete root user while auth is enabled.');
  }
  return accounts.users.delete(name)
    ? changed
    : refused('authNotFound', `User ${name} does not exist`);
}

function putRole(accounts: Accounts, command: PutRoleCommand): Change {
  const { name, permissions, grant, revoke } = command;
  if (name === rootName) return rootStays;
  const known = accounts.roles.get(name);
  if (isNone(grant) && isNone(revoke)) {
    if (known !== undefined) return refused('authConflict', `Role ${name} already exists.`);
    accounts.roles.set(name, { name, permissions });
    return created;
  }
  if (known === undefined) return refused('authNotFound', `Role ${name} doesn't exist.`);
  const merged = mergedPermissions(known.permissions, grant, revoke);
  if (!merged.ok) return refused('authConflict', merged.error);
  if (isNone(grant) && sizeOf(merged.value) === sizeOf(known.permissions)) {
    const cause = 'Role not updated. Use grant/revoke to update the role.';
    return refused('authInvalid', cause);
  }
  accounts.roles.set(name, { name, permissions: merged.value });
  return changed;
}

function isNone(permissions: Permissions | undefined): boolean {
  return permissions === undefined || isEmpty(permissions);
}

/** What is only revoked leaves the same number of patterns when it changes nothing. */
function sizeOf(permissions: Permissions): number {
  return Object.values(permissions).reduce((size, patterns) => size + patterns.length, 0);
}

function deleteRole(accounts: Accounts, name: string): Change {
  if (name === rootName) return rootStays;
  return accounts.roles.delete(name)
    ? changed
    : refused('authNotFound', `Role ${name} doesn't exist.`);
}

const rootStays = refused('authForbidden', `Cannot modify role ${rootName}: is root role.`);
