import { field } from '../encoding/field.js';
import { MalformedError } from '../encoding/format-error.js';
import { type RecordOf, recordFormat } from '../encoding/record-format.js';
import { texts } from './kinds.js';

/**
 * What a role permits: patterns of keys, of names of locks and of names of elections, and kinds of
 * administration. As in etcd, a pattern is a name, or the beginning of names behind which a star
 * stands.
 */
export type Permissions = RecordOf<typeof permissionsFormat>;
export const permissionsFormat = recordFormat('permissions', {
  keyRead: field(1, texts),
  keyWrite: field(2, texts),
  lockAcquire: field(3, texts),
  lockRelease: field(4, texts),
  lockRead: field(5, texts),
  electionAcquire: field(6, texts),
  electionRelease: field(7, texts),
  electionRead: field(8, texts),
  admin: field(9, texts),
});

export const permissionNames = [
  'keyRead',
  'keyWrite',
  'lockAcquire',
  'lockRelease',
  'lockRead',
  'electionAcquire',
  'electionRelease',
  'electionRead',
  'admin',
] as const satisfies readonly (keyof Permissions)[];

/**
 * The kinds of administration: to change the members and who leads, to take a backup, to manage
 * users and roles, and to see how the cluster does.
 */
export const adminKinds = ['members', 'backup', 'auth', 'status'] as const;
export type AdminKind = (typeof adminKinds)[number];

export const noPermissions: Permissions = Object.freeze({
  keyRead: [],
  keyWrite: [],
  lockAcquire: [],
  lockRelease: [],
  lockRead: [],
  electionAcquire: [],
  electionRelease: [],
  electionRead: [],
  admin: [],
});

export function isEmpty(permissions: Permissions): boolean {
  return permissionNames.every((name) => permissions[name].length === 0);
}

/** Why nobody may be given them; undefined when they are well formed. */
export function permissionsProblem(permissions: Permissions): string | undefined {
  for (const name of permissionNames) {
    if (permissions[name].includes('')) return 'a pattern is not empty';
  }
  const known: readonly string[] = adminKinds;
  const strange = permissions.admin.find((kind) => !known.includes(kind));
  if (strange === undefined) return undefined;
  return `${strange} is no kind of administration: they are ${adminKinds.join(', ')}`;
}

/** @throws {MalformedError} for permissions that no command may carry. */
export function requirePermissions(permissions: Permissions | undefined): void {
  const problem = permissions && permissionsProblem(permissions);
  if (problem !== undefined) throw new MalformedError(problem);
}
