import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Tree } from '../../../src/store/keys/tree.js';
import { QueueEntry } from '../../../src/store/locks/queue.js';
import { QueueListing } from '../../../src/store/locks/queue-listing.js';
import { Queues } from '../../../src/store/locks/queues.js';
import type { QueueEntryView } from '../../../src/view/queue-entry.js';
import { acquire, register, release, renew } from '../commands.js';
import { Actor, anyStep } from '../history.js';
import { Log, memberA } from '../log.js';

/** All that it shows; `between` is called before each queue entry. */
function whole(listing: QueueListing, between: () => void): readonly QueueEntryView[] {
  const entries: QueueEntryView[] = [];
  for (;;) {
    between();
    const entry = listing.next();
    if (entry === undefined) return entries;
    entries.push(entry);
  }
}

/** So many of what is left, or all of it. */
function* some<T>(rest: Iterator<T>, max: number): Generator<T, undefined> {
  for (let taken = 0; taken < max; taken += 1) {
    const { done, value } = rest.next();
    if (done === true) return;
    yield value;
  }
}

/**
 * A log in which so many stand in one queue, and as many between them in another; the first holds.
 */
function queued(entries: number): Log {
  const log = Log.empty();
  for (let i = 0; i < entries; i += 1) {
    log.from(memberA, acquire('job', `client ${i}`));
    log.from(memberA, acquire('other', `client ${i}`));
  }
  return log;
}

const anyAct = fc.record({
  type: fc.constantFrom('release', 'renew', 'come', 'leave other'),
  at: fc.nat(60),
});

function act(log: Log, { type, at }: { readonly type: string; readonly at: number }): void {
  log.now += 1;
  const queue = log.machine.locks.queue('lock', 'job');
  const index = queue[at % Math.max(1, queue.length)]?.index ?? 1;
  if (type === 'release') log.apply(release('job', { index }));
  else if (type === 'renew') log.apply(renew('job', { index, ttlMs: 2000 + at }));
  else if (type === 'come') log.apply(acquire('job', '', { ttlMs: 3000 }));
  else log.apply(release('other', { value: `client ${at}` }));
}

test('a listing shows a queue as it was, whoever leaves, holds, renews or comes meanwhile', () => {
  const acts = fc.array(anyAct, { maxLength: 80, size: 'max' });
  const size = { entries: fc.nat(30), perEntry: fc.integer({ min: 1, max: 6 }) };
  fc.assert(
    fc.property(acts, fc.record(size), (during, { entries, perEntry }) => {
      const log = queued(entries);
      const expected = log.machine.locks.queue('lock', 'job');
      const listing = log.machine.locks.listQueue('lock', 'job');
      const coming = during[Symbol.iterator]();
      const shown = whole(listing, () => {
        for (const one of some(coming, perEntry)) act(log, one);
      });
      assert.deepEqual(shown, expected);
    }),
    { numRuns: 500 },
  );
});

test('a listing shows a queue as it was, whatever the log brings meanwhile', () => {
  const steps = fc.array(anyStep, { minLength: 20, maxLength: 60, size: 'max' });
  fc.assert(
    fc.property(steps, steps, fc.integer({ min: 0, max: 6 }), (before, during, perEntry) => {
      const actor = new Actor(Log.empty());
      const { machine } = actor.log;
      for (const step of before) actor.act(step);
      for (const name of ['job', 'job/sub', 'other']) {
        const expected = machine.locks.queue('lock', name);
        const changes = during[Symbol.iterator]();
        const shown = whole(machine.locks.listQueue('lock', name), () => {
          for (const step of some(changes, perEntry)) actor.act(step);
        });
        assert.deepEqual(shown, expected);
      }
    }),
    { numRuns: 300 },
  );
});

test('all who wait leave, newest first, and a listing shows them in their order', () => {
  const log = queued(1000);
  const expected = log.machine.locks.queue('lock', 'job');
  const listing = log.machine.locks.listQueue('lock', 'job');
  assert.deepEqual(listing.next(), expected[0]);
  log.from(memberA, register('one'), 2);
  log.settle();
  assert.equal(log.machine.locks.queueSize('lock', 'job').waiting, 0);
  assert.deepEqual(
    whole(listing, () => {}),
    expected.slice(1),
  );
});

test('a queue whose state was replaced by a snapshot is shown as it was', () => {
  const log = queued(10);
  const twin = queued(3).machine.snapshot();
  const expected = log.machine.locks.queue('lock', 'job');
  const listing = log.machine.locks.listQueue('lock', 'job');
  const restorer = log.machine.restorer(0);
  for (let chunk = twin.next(4096); chunk !== undefined; chunk = twin.next(4096)) {
    restorer.push(chunk);
  }
  restorer.finish();
  restorer.install();
  assert.equal(log.machine.locks.queue('lock', 'job').length, 3);
  assert.deepEqual(
    whole(listing, () => {}),
    expected,
  );
});

test('a listing that was left, or read to its end, costs the writers nothing any more', () => {
  const tree = Tree.empty(0);
  const queues = Queues.empty(tree);
  const queue = queues.open('lock', 'job', 1, 1);
  const node = tree.addFile(queue.node, '00000000000000000001', 'client', 1);
  const deadline = tree.setIdleTtl(node, 1000);
  queues.addEntry(new QueueEntry(queue, node, deadline, 'exclusive', 0, undefined, undefined));
  const left = new QueueListing(tree, queue);
  const read = new QueueListing(tree, queue);
  assert.equal(tree.readers.size, 2);
  assert.equal(whole(read, () => {}).length, 1);
  left.close();
  left.close();
  assert.equal(tree.readers.size, 0);
  assert.equal(left.next(), undefined);
});
