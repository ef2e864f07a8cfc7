import { field } from '../encoding/field.js';
import { MalformedError } from '../encoding/format-error.js';
import { bytes, flag, optional, required, uint } from '../encoding/kinds.js';
import { type RecordOf, recordFormat, taggedFormat } from '../encoding/record-format.js';
import type { Alternatives } from '../encoding/union-format.js';
import { authName, texts } from './kinds.js';
import { permissionsFormat, requirePermissions } from './permissions.js';

/** Users, their passwords and roles, and whether they are asked for. */
export type AuthCommand =
  | EnableAuthCommand
  | PutUserCommand
  | DeleteUserCommand
  | PutRoleCommand
  | DeleteRoleCommand;

/** The format version that brought users. No older release understands these commands. */
export const authVersion = 2;

/**
 * The scrypt of a password (RFC 7914), with what is needed to compute it again. The member that
 * takes the request computes it, so that no password is in the log.
 */
export type PasswordHash = RecordOf<typeof passwordHashFormat>;
export const passwordHashFormat = recordFormat('a password hash', {
  cost: field(1, uint),
  blockSize: field(2, uint),
  parallelization: field(3, uint),
  salt: field(4, bytes),
  hash: field(5, bytes),
});

export type EnableAuthCommand = RecordOf<typeof enableAuthFormat>;
const enableAuthFormat = taggedFormat('enableAuth', { enabled: field(1, flag) });

/**
 * As etcd's PUT: with `grant` or `revoke` it changes the roles of a user who exists, with `roles`
 * it creates one, and with neither it does the one or the other.
 */
export type PutUserCommand = RecordOf<typeof putUserFormat>;
const putUserFormat = taggedFormat(
  'putUser',
  {
    name: field(1, authName),
    password: field(2, optional(passwordHashFormat)),
    roles: field(3, texts),
    grant: field(4, texts),
    revoke: field(5, texts),
  },
  ({ password }) => {
    if (password !== undefined) requireModest(password);
  },
);

export type DeleteUserCommand = RecordOf<typeof deleteUserFormat>;
const deleteUserFormat = taggedFormat('deleteUser', { name: field(1, authName) });

/** With `grant` or `revoke` it changes a role that exists, without them it creates one. */
export type PutRoleCommand = RecordOf<typeof putRoleFormat>;
const putRoleFormat = taggedFormat(
  'putRole',
  {
    name: field(1, authName),
    permissions: field(2, required(permissionsFormat)),
    grant: field(3, optional(permissionsFormat)),
    revoke: field(4, optional(permissionsFormat)),
  },
  ({ permissions, grant, revoke }) => {
    for (const each of [permissions, grant, revoke]) requirePermissions(each);
  },
);

export type DeleteRoleCommand = RecordOf<typeof deleteRoleFormat>;
const deleteRoleFormat = taggedFormat('deleteRole', { name: field(1, authName) });

/** Every member computes with them at the next log-in, so they may not cost it all its memory. */
const hashBytesMax = 256 * 1024 * 1024;

function requireModest({ cost, blockSize, parallelization, salt, hash }: PasswordHash): void {
  const isPower = cost > 1 && Number.isInteger(Math.log2(cost));
  const isModest = 128 * cost * blockSize <= hashBytesMax && parallelization <= 16;
  const isPresent = blockSize > 0 && parallelization > 0 && salt.length > 0 && hash.length > 0;
  if (!isPower || !isModest || !isPresent) throw new MalformedError('not a password hash');
}

/** The numbers from 80 to 95 are those of users and roles. */
export const authCommands = {
  enableAuth: [80, enableAuthFormat, authVersion],
  putUser: [81, putUserFormat, authVersion],
  deleteUser: [82, deleteUserFormat, authVersion],
  putRole: [83, putRoleFormat, authVersion],
  deleteRole: [84, deleteRoleFormat, authVersion],
} as const satisfies Alternatives<AuthCommand>;
