import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Identity } from '../../src/command/identity.js';
import type { Right } from '../../src/command/right.js';
import { Revocations } from '../../src/service/revocations.js';
import { AuthLog, grantRoles, putRole, putUser } from '../store/auth/accounts.js';
import { set } from '../store/commands.js';

const right: Right = { type: 'key', action: 'read', path: '/a', recursive: false };

function setUp() {
  const log = AuthLog.enabled();
  log.askAs('root', putRole('dev', { keyRead: ['/a'] }));
  for (const name of ['alice', 'bob']) log.askAs('root', putUser(name, ['dev']));
  const revocations = new Revocations(() => log.machine);
  const ended: string[] = [];
  const add = (name: string, identity: Identity | undefined = log.identity(name)) => {
    const open = { identity, rights: () => [right], revoke: () => ended.push(name) };
    revocations.add(open);
    return open;
  };
  return { log, revocations, ended, add };
}

test('what waits ends in the step in which its user loses the right, and once', () => {
  const { log, ended, add } = setUp();
  add('alice');
  add('bob');
  log.askAs('root', set('/a', 'x'));
  assert.deepEqual(ended, []);
  log.askAs('root', grantRoles('alice', [], ['dev']));
  assert.deepEqual(ended, ['alice']);
  log.askAs('root', { type: 'deleteUser', name: 'bob' });
  log.askAs('root', { type: 'deleteRole', name: 'dev' });
  assert.deepEqual(ended, ['alice', 'bob']);
});

test('a new password ends what an old one opened', () => {
  const { log, ended, add } = setUp();
  add('alice');
  log.askAs('root', putUser('alice'));
  assert.deepEqual(ended, ['alice']);
});

test('what has ended by itself is not ended, nor what is open while nobody is asked', () => {
  const { log, revocations, ended, add } = setUp();
  revocations.delete(add('alice'));
  add('bob');
  log.askAs('root', { type: 'enableAuth', enabled: false });
  log.ask(undefined, { type: 'deleteRole', name: 'dev' });
  assert.deepEqual(ended, []);
  log.ask(undefined, { type: 'enableAuth', enabled: true });
  assert.deepEqual(ended, ['bob']);
});
