import { passwordHashFormat } from '../../command/auth.js';
import { texts } from '../../command/kinds.js';
import { permissionsFormat } from '../../command/permissions.js';
import { field } from '../../encoding/field.js';
import { flag, required, text, uint } from '../../encoding/kinds.js';
import { recordFormat } from '../../encoding/record-format.js';
import { RecordKind, type RecordReader, type SnapshotRecord } from '../part/snapshot-record.js';
import type { Accounts } from './accounts.js';

const enabledKind = new RecordKind(16, recordFormat('auth', { enabled: field(1, flag) }));

const userKind = new RecordKind(
  17,
  recordFormat('a user', {
    name: field(1, text),
    password: field(2, required(passwordHashFormat)),
    revision: field(3, uint),
    roles: field(4, texts),
  }),
);

const roleKind = new RecordKind(
  18,
  recordFormat('a role', {
    name: field(1, text),
    permissions: field(2, required(permissionsFormat)),
  }),
);

/** None while there is nothing to tell, so that releases without users read the snapshot. */
export function authRecords(accounts: Accounts): readonly SnapshotRecord[] {
  const enabled = accounts.enabled ? [enabledKind.of({ enabled: true })] : [];
  const users = accounts.allUsers().map((user) => userKind.of(user));
  const roles = Array.from(accounts.roles.values(), (role) => roleKind.of(role));
  return [...enabled, ...users, ...roles];
}

export function authReaders(accounts: Accounts): readonly RecordReader[] {
  return [
    enabledKind.reader(({ enabled }) => {
      accounts.enabled = enabled;
    }),
    userKind.reader((user) => {
      const { salt, hash } = user.password;
      const password = {
        ...user.password,
        salt: Uint8Array.from(salt),
        hash: Uint8Array.from(hash),
      };
      accounts.users.set(user.name, { ...user, password });
    }),
    roleKind.reader((role) => {
      accounts.roles.set(role.name, role);
    }),
  ];
}
