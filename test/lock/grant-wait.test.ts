import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitForGrant } from '../../src/lock/grant-wait.js';
import type { QueueEntryListener, QueueEntryView } from '../../src/view/queue-entry.js';
import { ManualClock } from '../support/manual-clock.js';
import { settle } from '../support/settle.js';

const entry = { space: 'lock', name: 'door', index: 7 } as const;
const waiting: QueueEntryView = {
  index: 7,
  value: '',
  ttlMs: 1000,
  holds: false,
  mode: 'exclusive',
  enteredAt: 0,
  grantedAt: undefined,
  expiresAt: undefined,
  client: undefined,
};

/** A state with one queue entry, which the test sets by hand. */
class OneEntry {
  seen: QueueEntryView | undefined = waiting;
  listeners = new Set<QueueEntryListener>();

  queueEntry(): QueueEntryView | undefined {
    return this.seen;
  }

  onQueueEntry(
    _space: string,
    _name: string,
    _index: number,
    listener: QueueEntryListener,
  ): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(change: Parameters<QueueEntryListener>[0]): void {
    const told = [...this.listeners];
    this.listeners.clear();
    for (const listener of told) listener(change);
  }
}

function start(state: OneEntry) {
  const controller = new AbortController();
  const clock = new ManualClock(0);
  const end = waitForGrant({ state: { locks: state }, clock }, entry, 1000, controller.signal);
  return { end, clock, controller };
}

for (const [name, after, end] of [
  ['holds now', { ...waiting, holds: true }, 'granted'],
  ['is gone', undefined, 'removed'],
] as const) {
  test(`a snapshot that replaced the state ends the wait when the queue entry ${name}`, async () => {
    const state = new OneEntry();
    const wait = start(state);
    state.tell('lost');
    state.seen = after;
    assert.equal(await wait.end, end);
  });
}

test('a snapshot in which the queue entry still waits is listened to anew', async () => {
  const state = new OneEntry();
  const wait = start(state);
  for (let count = 0; count < 3; count += 1) {
    state.tell('lost');
    await settle();
    assert.equal(state.listeners.size, 1);
  }
  state.tell('granted');
  assert.equal(await wait.end, 'granted');
});

for (const [how, cause] of [
  ['granted', ({ state }) => state.tell('granted')],
  ['removed', ({ state }) => state.tell('removed')],
  ['timeout', ({ clock }) => clock.advance(1000)],
  ['aborted', ({ controller }) => controller.abort()],
] as const satisfies readonly (readonly [
  string,
  (at: { state: OneEntry; clock: ManualClock; controller: AbortController }) => void,
])[]) {
  test(`a wait that ends with ${how} leaves no timer and no listener`, async () => {
    const state = new OneEntry();
    const { end, clock, controller } = start(state);
    cause({ state, clock, controller });
    assert.equal(await end, how);
    assert.equal(state.listeners.size, 0);
    assert.equal(clock.timerCount, 0);
  });
}

test('a client that is gone already is not waited for', async () => {
  const state = new OneEntry();
  const clock = new ManualClock(0);
  assert.equal(
    await waitForGrant({ state: { locks: state }, clock }, entry, 1000, AbortSignal.abort()),
    'aborted',
  );
  assert.equal(state.listeners.size, 0);
  assert.equal(clock.timerCount, 0);
});
