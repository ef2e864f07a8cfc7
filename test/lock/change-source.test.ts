import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeSince, holderChangesOf } from '../../src/lock/change-source.js';
import type { HolderListener } from '../../src/view/holder-change.js';

const lock = { space: 'leader', name: 'name' } as const;

/** An election whose changes the test makes by hand. */
class OneElection {
  changedIndex = 7;
  listeners = new Set<HolderListener>();

  holderChangedIndex(): number {
    return this.changedIndex;
  }

  onHolder(_space: string, _name: string, listener: HolderListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(): void {
    for (const listener of this.listeners) listener('changed');
  }
}

for (const [sinceIndex, changed] of [
  [6, true],
  [7, true],
  [8, false],
] as const) {
  test(`the change at 7 ${changed ? 'ends' : 'does not end'} a wait from ${sinceIndex}`, async () => {
    const state = new OneElection();
    const controller = new AbortController();
    const wait = changeSince(holderChangesOf(state, lock), sinceIndex, controller.signal);
    assert.equal(state.listeners.size, changed ? 0 : 1);
    controller.abort();
    assert.equal(await wait, changed);
    assert.equal(state.listeners.size, 0, 'nobody listens for a client that left');
  });
}

test('the next change ends the wait, and the listening', async () => {
  const state = new OneElection();
  const wait = changeSince(holderChangesOf(state, lock), 8, new AbortController().signal);
  state.changedIndex = 9;
  state.tell();
  assert.equal(await wait, true);
  assert.equal(state.listeners.size, 0);
});

test('a state that was replaced without a change of holder does not end the wait', async () => {
  const state = new OneElection();
  const controller = new AbortController();
  const wait = changeSince(holderChangesOf(state, lock), 8, controller.signal);
  state.tell();
  assert.equal(state.listeners.size, 1);
  controller.abort();
  assert.equal(await wait, false);
});

test('a client that is gone already is not listened for', async () => {
  const state = new OneElection();
  assert.equal(await changeSince(holderChangesOf(state, lock), 8, AbortSignal.abort()), false);
  assert.equal(state.listeners.size, 0);
});
