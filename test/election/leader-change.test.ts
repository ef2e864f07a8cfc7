import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaderChange } from '../../src/election/leader-change.js';

/** An election whose changes the test makes by hand. */
class OneElection {
  listeners = new Set<() => void>();

  holderChangedIndex(): number {
    return 7;
  }

  onHolder(_space: string, _name: string, listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

for (const [waitIndex, changed] of [
  [6, true],
  [7, true],
  [8, false],
  [undefined, false],
] as const) {
  test(`the change at 7 ${changed ? 'ends' : 'does not end'} a wait from ${waitIndex}`, async () => {
    const state = new OneElection();
    const controller = new AbortController();
    const wait = leaderChange(state, 'name', waitIndex, controller.signal);
    assert.equal(state.listeners.size, changed ? 0 : 1);
    controller.abort();
    assert.equal(await wait, changed);
    assert.equal(state.listeners.size, 0, 'nobody listens for a client that left');
  });
}

test('the next change ends the wait, and the listening', async () => {
  const state = new OneElection();
  const wait = leaderChange(state, 'name', undefined, new AbortController().signal);
  for (const listener of state.listeners) listener();
  assert.equal(await wait, true);
  assert.equal(state.listeners.size, 0);
});

test('a client that is gone already is not listened for', async () => {
  const state = new OneElection();
  assert.equal(await leaderChange(state, 'name', undefined, AbortSignal.abort()), false);
  assert.equal(state.listeners.size, 0);
});
