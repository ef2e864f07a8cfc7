import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIndex } from '../../src/ids.js';
import { UnavailableError } from '../../src/member/coordinator.js';
import { ReadContexts } from '../../src/member/read-contexts.js';
import { Reads } from '../../src/member/reads.js';
import { ManualClock } from '../support/manual-clock.js';
import { settle } from '../support/settle.js';

function setUp() {
  const clock = new ManualClock(0);
  return { clock, reads: new Reads(clock, new ReadContexts()) };
}

/** Whether the promise has settled by now. */
async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false;
  promise.then(
    () => {
      settled = true;
    },
    () => {
      settled = true;
    },
  );
  await settle();
  return settled;
}

test('readers of one turn share one question', async () => {
  const { reads } = setUp();
  const one = reads.add(1000);
  const other = reads.add(1000);
  assert.equal(reads.takeUnasked(), 1);
  assert.equal(reads.takeUnasked(), undefined);
  reads.onReadIndex(1, logIndex(5));
  reads.serve(logIndex(5));
  await Promise.all([one, other]);
});

test('a reader that comes after the question waits for the next one', async () => {
  const { reads } = setUp();
  const early = reads.add(1000);
  assert.equal(reads.takeUnasked(), 1);
  const late = reads.add(1000);
  reads.onReadIndex(1, logIndex(5));
  reads.serve(logIndex(9));
  assert.equal(await isSettled(early), true);
  assert.equal(await isSettled(late), false);
  assert.equal(reads.takeUnasked(), 2);
});

test('a read is served only when the state has reached its read index', async () => {
  const { reads } = setUp();
  const read = reads.add(1000);
  reads.takeUnasked();
  reads.onReadIndex(1, logIndex(5));
  reads.serve(logIndex(4));
  assert.equal(await isSettled(read), false);
  reads.serve(logIndex(5));
  assert.equal(await isSettled(read), true);
});

test('the answer to a question that was given up serves nobody', async () => {
  const { reads } = setUp();
  const read = reads.add(1000);
  reads.takeUnasked();
  reads.onLeaderChange();
  reads.onReadIndex(1, logIndex(5));
  reads.serve(logIndex(9));
  assert.equal(await isSettled(read), false);
  assert.equal(reads.takeUnasked(), 2);
});

test('an unanswered question is asked again, and fails at its deadline', async () => {
  const { clock, reads } = setUp();
  const read = reads.add(1000);
  reads.takeUnasked();
  clock.advance(500);
  reads.tick(500);
  assert.equal(reads.takeUnasked(), 2);
  clock.advance(500);
  reads.tick(500);
  await assert.rejects(read, UnavailableError);
});
