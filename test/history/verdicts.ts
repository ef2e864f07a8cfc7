import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { History } from './build.js';
import { checkHistory, oneClock } from './check.js';

/** After a leader was there for ever. */
const calm = { ...oneClock, calm: [{ from: 0, to: 100_000 }] };

/** A test that the history keeps every promise. */
export function right(claim: string, history: History): void {
  test(`right: ${claim}`, () => assert.deepEqual(checkHistory(history, calm), []));
}

/** A test that the fault is found in the history. */
export function wrong(claim: string, history: History, fault: RegExp): void {
  test(`wrong: ${claim}`, () => {
    const faults = checkHistory(history, calm);
    assert.ok(
      faults.some((each) => fault.test(each)),
      faults.join('\n') || 'nothing was found',
    );
  });
}
