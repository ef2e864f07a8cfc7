import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AuthCommand } from '../../../src/command/auth.js';
import { errorTable } from '../../../src/command/errors.js';
import { errorOf } from '../log.js';
import { AuthLog, enableAuth, grantRoles, mergeRole, putRole, putUser } from './accounts.js';

type Refusal = readonly [status: number, cause: string];

function refusalOf(log: AuthLog, command: AuthCommand): Refusal {
  const { errorCode, cause } = errorOf(log.ask(undefined, command));
  const entry = Object.values(errorTable).find((each) => each.errorCode === errorCode);
  return [entry?.status ?? 0, cause];
}

test('a user is created once, and with a password', () => {
  const log = new AuthLog();
  assert.deepEqual(log.ask(undefined, putUser('alice')), {
    ...{ type: 'done', etcdIndex: 0, created: true },
  });
  assert.deepEqual(log.ask(undefined, putUser('bob', ['dev'])), { type: 'done', etcdIndex: 0 });
  assert.deepEqual(refusalOf(log, putUser('bob', ['dev'])), [
    409,
    'auth: User bob already exists.',
  ]);
  const noPassword: AuthCommand = { ...putUser('eve'), password: undefined } as AuthCommand;
  assert.deepEqual(refusalOf(log, noPassword), [
    400,
    'auth: Cannot create user eve with an empty password',
  ]);
});

test('roles are granted and revoked together, or not at all', () => {
  const log = new AuthLog();
  log.ask(undefined, putUser('alice', ['dev', 'ops']));
  assert.deepEqual(refusalOf(log, grantRoles('alice', ['new', 'dev'])), [
    409,
    'auth: Granting duplicate role dev for user alice',
  ]);
  assert.deepEqual(refusalOf(log, grantRoles('alice', ['new'], ['old'])), [
    409,
    'auth: Revoking ungranted role old for user alice',
  ]);
  assert.deepEqual(log.machine.auth.user('alice')?.roles, ['dev', 'ops']);
  log.ask(undefined, grantRoles('alice', ['new'], ['dev']));
  assert.deepEqual(log.machine.auth.user('alice')?.roles, ['new', 'ops']);
  assert.deepEqual(refusalOf(log, grantRoles('nobody', ['dev'])), [
    404,
    "auth: User nobody doesn't exist.",
  ]);
});

test('a new password is a new revision, and granting a role is none', () => {
  const log = new AuthLog();
  log.ask(undefined, putUser('alice'));
  const before = log.identity('alice');
  log.ask(undefined, grantRoles('alice', ['dev']));
  assert.deepEqual(log.identity('alice'), before);
  log.ask(undefined, putUser('alice'));
  assert.equal(log.identity('alice').revision > before.revision, true);
});

test('permissions are merged as in etcd', () => {
  const log = new AuthLog();
  log.ask(undefined, putRole('dev', { keyRead: ['/b'] }));
  log.ask(undefined, mergeRole('dev', { keyRead: ['/a'], lockAcquire: ['job/*'] }));
  const permissionsOf = () => log.machine.auth.role('dev')?.permissions;
  assert.deepEqual(permissionsOf()?.keyRead, ['/a', '/b']);
  assert.deepEqual(refusalOf(log, mergeRole('dev', { keyRead: ['/a'] })), [
    409,
    'auth: Granting duplicate read permission /a',
  ]);
  assert.deepEqual(refusalOf(log, mergeRole('dev', {}, { keyWrite: ['/a'] })), [
    400,
    'auth: Role not updated. Use grant/revoke to update the role.',
  ]);
  log.ask(undefined, mergeRole('dev', {}, { keyRead: ['/a', '/unknown'] }));
  assert.deepEqual(permissionsOf()?.keyRead, ['/b']);
  assert.deepEqual(permissionsOf()?.lockAcquire, ['job/*']);
});

describe('root', () => {
  test('has to be there before users are asked for, and stays while they are', () => {
    const log = new AuthLog();
    const none = 'auth: No root user available, please create one';
    assert.deepEqual(refusalOf(log, enableAuth), [409, none]);
    log.ask(undefined, putUser('root'));
    log.ask(undefined, enableAuth);
    const cause = 'auth: Cannot delete root user while auth is enabled.';
    const error = errorOf(log.askAs('root', { type: 'deleteUser', name: 'root' }));
    assert.equal(error.cause, cause);
    assert.deepEqual(errorOf(log.askAs('root', enableAuth)).cause, 'auth: already enabled');
  });

  test('keeps its role, and the role stays as it is', () => {
    const log = new AuthLog();
    log.ask(undefined, putUser('root', ['other']));
    log.ask(undefined, grantRoles('root', ['more'], ['root']));
    assert.deepEqual(log.machine.auth.user('root')?.roles, ['more', 'other', 'root']);
    const stays: Refusal = [403, 'auth: Cannot modify role root: is root role.'];
    assert.deepEqual(refusalOf(log, putRole('root', {})), stays);
    assert.deepEqual(refusalOf(log, mergeRole('root', { keyRead: ['/a'] })), stays);
    assert.deepEqual(refusalOf(log, { type: 'deleteRole', name: 'root' }), stays);
  });
});

test('guests get all keys and no lock when users are first asked for', () => {
  const log = new AuthLog();
  log.ask(undefined, putUser('root'));
  log.ask(undefined, enableAuth);
  const permissions = log.machine.auth.role('guest')?.permissions;
  assert.deepEqual(permissions?.keyWrite, ['/*']);
  assert.deepEqual([permissions?.lockAcquire, permissions?.lockRead], [[], []]);
});
