import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackgroundChecker } from './background-checker.js';
import { acquire, renew, view } from './build.js';
import { checkHistory, oneClock } from './check.js';

const wrongHistory = [
  acquire('a', [0, 10], 1),
  acquire('b', [5, 60], 2),
  renew('a', [70, 80], 1, 'ok'),
];
/** Wrong only because there was a leader for ever, a time that JSON has no word for. */
const lateHistory = [acquire('a', [0, 10], 1), view('b', [90_000, 90_010], [1], [])];
const calm = { ...oneClock, calm: [{ from: 0, to: Number.POSITIVE_INFINITY }] };

test('a history is judged in another process as it is in this one', async () => {
  await using checker = new BackgroundChecker();
  assert.match(checkHistory(lateHistory, calm).join(), /holds still/);
  for (const history of [wrongHistory, lateHistory, wrongHistory.slice(0, 1)]) {
    assert.deepEqual(await checker.check(history, calm), checkHistory(history, calm));
  }
});

test('a checker that has ended judges nothing right', async () => {
  const checker = new BackgroundChecker();
  await checker[Symbol.asyncDispose]();
  await assert.rejects(checker.check(wrongHistory, calm), /ended|closed/i);
});
