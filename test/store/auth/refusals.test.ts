import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Command } from '../../../src/command/command.js';
import type { CommandResult } from '../../../src/command/command-result.js';
import type { Permissions } from '../../../src/command/permissions.js';
import type { Right } from '../../../src/command/right.js';
import { StateMachine } from '../../../src/store/state-machine.js';
import {
  acquire,
  cancelAcquire,
  compareAndSwap,
  createInOrder,
  release,
  remove,
  renew,
  set,
  update,
} from '../commands.js';
import { errorOf, memberA } from '../log.js';
import { rest } from '../snapshots.js';
import { AuthLog, grantRoles, mergeRole, putRole, putUser } from './accounts.js';

function isRefused(result: CommandResult): boolean {
  return result.type === 'error' && result.error.errorCode === 110;
}

/** Alice, who may do what the permissions say. */
function logWith(permissions: Partial<Permissions>): AuthLog {
  const log = AuthLog.enabled();
  log.askAs('root', putRole('dev', permissions));
  log.askAs('root', putUser('alice', ['dev']));
  return log;
}

describe('a command has no effect without the right to it', () => {
  type Case = readonly [needs: Partial<Permissions>, command: Command];
  const fence = { space: 'lock', name: 'job', index: 1 } as const;
  const cases: readonly Case[] = [
    [{ keyWrite: ['/a'] }, set('/a', 'x')],
    [{ keyWrite: ['/a'] }, update('/a', 'x')],
    [{ keyWrite: ['/a'] }, compareAndSwap('/a', 'x', { prevValue: 'y' })],
    [{ keyWrite: ['/a'] }, createInOrder('/a', 'x')],
    [{ keyWrite: ['/a'] }, remove('/a')],
    [{ keyWrite: ['/a*'] }, remove('/a', { recursive: true })],
    [{ keyWrite: ['/a'], lockRead: ['job'] }, set('/a', 'x', { fences: [fence] })],
    [{ lockAcquire: ['job'] }, acquire('job', 'me')],
    [{ lockAcquire: ['job'] }, renew('job', { value: 'me' })],
    [{ lockRelease: ['job'] }, release('job', { value: 'me' })],
    [{ electionAcquire: ['job'] }, acquire('job', 'me', { space: 'leader' })],
    [{ electionRelease: ['job'] }, { ...release('job', { value: 'me' }), space: 'leader' }],
    [{ admin: ['auth'] }, putUser('bob')],
  ];
  for (const [needs, command] of cases) {
    test(`${command.type} needs ${JSON.stringify(needs)}`, () => {
      const log = logWith(needs);
      log.askAs('root', putUser('eve'));
      const before = log.machine.etcdIndex;
      assert.equal(isRefused(log.ask(undefined, command)), true, 'a guest');
      assert.equal(isRefused(log.askAs('eve', command)), true, 'a user without a role');
      assert.equal(
        isRefused(log.ask({ name: 'nobody', revision: 1 }, command)),
        true,
        'an unknown user',
      );
      assert.equal(log.machine.etcdIndex, before);
      for (const name of Object.keys(needs)) {
        const less = logWith({ ...needs, [name]: [] });
        assert.equal(isRefused(less.askAs('alice', command)), true, `without ${name}`);
      }
      assert.equal(isRefused(log.askAs('alice', command)), false, 'with the right');
      assert.equal(isRefused(log.askAs('root', command)), false, 'root');
    });
  }
});

describe('whoever may end what others wrote needs the right to write it', () => {
  test('the exact name of a directory is not all that is in it', () => {
    const log = logWith({ keyWrite: ['/d'] });
    log.askAs('root', set('/d/a', 'x'));
    assert.equal(isRefused(log.askAs('alice', remove('/d', { recursive: true }))), true);
    assert.equal(isRefused(log.askAs('alice', update('/d', '', { ttlMs: 1000 }))), true);
    assert.equal(isRefused(log.askAs('alice', set('/e', '', { ttlMs: 1000, dir: true }))), true);
  });

  test('a star below a directory is not the directory', () => {
    const log = logWith({ keyWrite: ['/d/*'] });
    assert.equal(isRefused(log.askAs('alice', remove('/d', { recursive: true }))), true);
    assert.equal(isRefused(log.askAs('alice', set('/d', 'x'))), true);
    assert.equal(isRefused(log.askAs('alice', set('/d/a', 'x'))), false);
  });
});

describe('what was revoked in an earlier entry is refused in the next', () => {
  const revocations: readonly (readonly [string, Command])[] = [
    ['the user is deleted', { type: 'deleteUser', name: 'alice' }],
    ['the password changes', putUser('alice')],
    ['the role is revoked', grantRoles('alice', [], ['dev'])],
    ['the role is deleted', { type: 'deleteRole', name: 'dev' }],
    ['the permission is revoked', mergeRole('dev', {}, { keyWrite: ['/a'] })],
  ];
  for (const [what, revocation] of revocations) {
    test(what, () => {
      const log = logWith({ keyWrite: ['/a'] });
      const proved = log.identity('alice');
      assert.equal(isRefused(log.ask(proved, set('/a', 'x'))), false);
      log.askAs('root', revocation);
      assert.equal(isRefused(log.ask(proved, set('/a', 'y'))), true);
    });
  }

  test('a user who is deleted and made anew has to prove it anew', () => {
    const log = logWith({ keyWrite: ['/a'] });
    const proved = log.identity('alice');
    log.askAs('root', { type: 'deleteUser', name: 'alice' });
    log.askAs('root', putUser('alice', ['dev']));
    assert.equal(isRefused(log.ask(proved, set('/a', 'y'))), true);
    assert.equal(isRefused(log.askAs('alice', set('/a', 'y'))), false);
  });
});

test('a user whom a certificate names may what its roles permit, until it is deleted', () => {
  const log = logWith({ keyWrite: ['/a'] });
  const named = { name: 'alice' };
  assert.equal(isRefused(log.ask(named, set('/a', 'x'))), false);
  assert.equal(isRefused(log.ask(named, set('/b', 'x'))), true);
  log.askAs('root', putUser('alice'));
  assert.equal(isRefused(log.ask(named, set('/a', 'x'))), false, 'with a new password');
  log.askAs('root', { type: 'deleteUser', name: 'alice' });
  assert.equal(isRefused(log.ask(named, set('/a', 'x'))), true);
});

test('what a member proposes by itself needs no right', () => {
  const log = logWith({});
  for (const command of [
    cancelAcquire('job', 1, 1),
    { type: 'keepAlive' } as const,
    { type: 'advanceClock' } as const,
  ]) {
    assert.equal(log.ask(undefined, command).type, 'done');
  }
});

test('a refusal is remembered like any result', () => {
  const log = logWith({ keyWrite: ['/a'] });
  const origin = { memberId: memberA, boot: 1, sequence: 900, settledBelow: 1 };
  const first = log.apply(set('/a', 'x'), origin);
  assert.equal(isRefused(first), true);
  const again = log.apply(set('/a', 'x'), { ...origin, identity: log.identity('alice') });
  assert.deepEqual(errorOf(again), errorOf(first));
});

test('while users are not asked for, everybody may do everything', () => {
  const log = new AuthLog();
  assert.equal(log.ask({ name: 'nobody', revision: 1 }, set('/a', 'x')).type, 'event');
  assert.equal(log.ask(undefined, acquire('job', 'me')).type, 'queueEntry');
});

test('a snapshot has the users and roles, and what they permit', () => {
  const log = logWith({ keyWrite: ['/a'] });
  const copy = new StateMachine();
  const restorer = copy.restorer(0);
  for (const chunk of rest(log.machine.snapshot())) restorer.push(chunk);
  restorer.finish();
  let told = 0;
  copy.auth.onChange(() => {
    told += 1;
  });
  restorer.install();
  assert.equal(told, 1);
  assert.equal(copy.stateHash(), log.machine.stateHash());
  const right: Right = { type: 'key', action: 'write', path: '/a', recursive: false };
  assert.equal(copy.auth.allows(log.identity('alice'), right), true);
  assert.equal(copy.auth.allows(undefined, right), false);
  assert.equal(copy.auth.enabled && copy.auth.isSupported, true);
  assert.deepEqual(copy.auth.users(), log.machine.auth.users());
});

test('the state tells apart what differs in users and roles alone', () => {
  const changes: readonly ((log: AuthLog) => CommandResult)[] = [
    (log) => log.askAs('root', { type: 'keepAlive' }),
    (log) => log.askAs('root', putUser('bob')),
    (log) => log.askAs('root', putUser('bob', ['dev'])),
    (log) => log.askAs('root', putRole('ops', {})),
    (log) => log.askAs('root', putRole('ops', { lockRead: ['a'] })),
    (log) => log.askAs('root', putRole('ops', { lockAcquire: ['a'] })),
    (log) => log.askAs('root', { type: 'enableAuth', enabled: false }),
  ];
  const hashes = changes.map((change) => {
    const log = AuthLog.enabled();
    change(log);
    return log.machine.stateHash();
  });
  assert.equal(new Set(hashes).size, changes.length);
});

test('listeners are told after each change, and of nothing else', () => {
  const log = AuthLog.enabled();
  let told = 0;
  const stop = log.machine.auth.onChange(() => {
    told += 1;
  });
  log.askAs('root', putUser('bob'));
  assert.equal(told, 1);
  log.askAs('root', set('/a', 'x'));
  log.ask(undefined, putUser('eve'));
  assert.equal(told, 1);
  stop();
  log.askAs('root', putUser('eve'));
  assert.equal(told, 1);
});
