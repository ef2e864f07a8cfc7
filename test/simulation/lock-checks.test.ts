import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandResult } from '../../src/command/command-result.js';
import type { KeyCommand } from '../../src/command/keys.js';
import { failed } from '../../src/store/part/outcome.js';
import { StateMachine } from '../../src/store/state-machine.js';
import { LockChecks } from './lock-checks.js';
import { Violation } from './violation.js';

const fenced: KeyCommand = {
  type: 'set',
  path: '/fenced',
  value: '1',
  dir: false,
  refresh: false,
  ttlMs: undefined,
  fences: [{ space: 'lock', name: 'n0', index: 7 }],
};

function look(checks: LockChecks, result: CommandResult): void {
  const state = new StateMachine();
  const step = { command: fenced, result, state, now: 0, isRepeated: false, beginsBoot: false };
  checks.onApplied(step);
}

test('a fenced write of an earlier boot is void, and neither let through nor refused', () => {
  const checks = new LockChecks(0);
  look(checks, failed('raftInternal', 'the member was started anew since', 0));
  assert.equal(checks.fencedWrites, 0);
  assert.equal(checks.fencedRefusals, 0);
});

test('a fenced write that is let through while its queue entry does not hold is a violation', () => {
  const done: CommandResult = { type: 'done', etcdIndex: 1 };
  assert.throws(() => look(new LockChecks(0), done), Violation);
});
