import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { encodeCommand, encodeEnvelope } from '../../../src/command/codec.js';
import { logIndex, term } from '../../../src/ids.js';
import { StateMachine } from '../../../src/store/state-machine.js';
import { acquire } from '../commands.js';
import { memberA } from '../log.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Requests that wait through one member; the result of each is settled when the next one comes. */
function waitInLine(machine: StateMachine, first: number, last: number): void {
  for (let sequence = first; sequence <= last; sequence += 1) {
    const origin = { memberId: memberA, boot: 1, sequence, settledBelow: sequence };
    const command = acquire('n', `client-${sequence}`);
    const index = logIndex(machine.appliedIndex + 1);
    const stamp = { clusterTimeMs: 0, appliedIndex: machine.appliedIndex };
    const data = encodeEnvelope(stamp, encodeCommand(origin, command));
    machine.apply({ index, term: term(1), type: 'command', data }, 0);
  }
}

test('an entry of a queue takes less than 2 kB on each member', () => {
  const entries = 10_000;
  const machine = new StateMachine();
  // The history of events has its own bound, and is full before the measurement begins.
  waitInLine(machine, 1, 2000);
  const before = heapBytes();
  waitInLine(machine, 2001, 2000 + entries);
  const perEntry = (heapBytes() - before) / entries;
  assert.equal(machine.locks.queue('lock', 'n').length, 2000 + entries);
  console.log(`${perEntry.toFixed(0)} bytes of heap per queue entry`);
  assert.ok(perEntry < 2048, `${perEntry.toFixed(0)} bytes`);
  assert.ok(perEntry > 100, `${perEntry.toFixed(0)} bytes: the queue entries were not measured`);
});
