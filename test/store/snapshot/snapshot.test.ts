import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { MalformedError, NewerFormatError } from '../../../src/encoding/format-error.js';
import { StateMachine } from '../../../src/store/state-machine.js';
import {
  acquire,
  cancelAcquire,
  makeDir,
  register,
  release,
  remove,
  renew,
  set,
  update,
} from '../commands.js';
import { Actor, anyStep } from '../history.js';
import { assertFirstEndsAt, entryOf, Log, memberA, memberB } from '../log.js';
import { chunkBytes, rest, restored } from '../snapshots.js';

/** With something of everything. */
function fullLog(): Log {
  const log = Log.empty();
  log.from(memberA, register('disk'));
  log.from(memberA, set('/a', 'é🙂'));
  log.from(memberA, set('/d/e/f', 'x', { ttlMs: 1000 }));
  log.apply(makeDir('/t', 5000));
  log.from(memberA, acquire('job', 'a', { ttlMs: 800 }));
  log.from(memberB, acquire('job', 'b', { ttlMs: 900 }));
  log.from(memberA, acquire('job', 'b'));
  log.apply(acquire('gone', 'a', { space: 'leader' }));
  log.apply({ ...release('gone', { value: 'a' }), space: 'leader' });
  log.apply(acquire('alone', 'a'));
  log.from(memberB, remove('/none'));
  log.apply(acquire('pool', 'a', { limit: 2 }));
  log.apply(acquire('read', 'a', { mode: 'shared' }));
  log.from(memberA, acquire('read', 'b'));
  return log;
}

test('a restored state is the one that the snapshot was taken of', () => {
  const log = fullLog();
  const hash = log.machine.stateHash();
  const machine = restored(rest(log.machine.snapshot()), 50);
  assert.equal(machine.stateHash(), hash);
  assert.deepEqual([machine.appliedIndex, machine.appliedTerm], [14, 1]);
  assert.equal(machine.etcdIndex, log.machine.etcdIndex);
  assert.deepEqual(machine.members.registered(), log.machine.members.registered());
  assert.deepEqual(
    machine.members.resultOf(memberA, 1, 4),
    log.machine.members.resultOf(memberA, 1, 4),
  );
  assert.deepEqual(machine.locks.keepAliveTtl(memberB, 1), { ttlMsMin: 1000 });
  assert.equal(machine.locks.holderChangedIndex('leader', 'gone'), 7);
  for (const name of ['job', 'pool', 'read', 'alone']) {
    assert.deepEqual(
      machine.locks.holderChanges('lock', name, 0),
      log.machine.locks.holderChanges('lock', name, 0),
    );
    assert.equal(machine.locks.limit('lock', name), log.machine.locks.limit('lock', name));
  }
  assert.equal(machine.locks.holderChanges('leader', 'gone', 0).changes.length, 2);
});

test('two machines go on alike from a state and from its snapshot', () => {
  const log = fullLog();
  log.apply(set('/late', 'x', { ttlMs: 1000 }));
  const twin = new Log(restored(rest(log.machine.snapshot()), 0));
  for (const each of [log, twin]) {
    each.clusterTimeMs = 700;
    each.apply(release('job', { value: 'a' }));
    each.from(memberB, { type: 'keepAlive' }, 2);
    each.apply(acquire('job', 'c'));
    each.apply(set('/d/e/f', 'y'));
  }
  assert.equal(twin.machine.stateHash(), log.machine.stateHash());
});

test('a snapshot under change is the state at its start, however late it is read', () => {
  const steps = fc.array(anyStep, { maxLength: 80, size: 'max' });
  const readFrom = fc.nat(80);
  const chunkMax = fc.integer({ min: 1, max: 400 });
  fc.assert(
    fc.property(steps, steps, readFrom, chunkMax, (before, during, from, maxBytes) => {
      const actor = new Actor(Log.empty());
      for (const step of before) actor.act(step);
      const { machine } = actor.log;
      const hash = machine.stateHash();
      const source = machine.snapshot();
      const chunks: Uint8Array[] = [];
      for (const [at, step] of during.entries()) {
        actor.act(step);
        const chunk = at < from ? undefined : source.next(maxBytes);
        if (chunk !== undefined) chunks.push(chunk);
      }
      chunks.push(...rest(source, maxBytes));
      assert.ok(chunks.every((chunk) => chunk.length > 0 && chunk.length <= maxBytes));
      assert.equal(restored(chunks, 0).stateHash(), hash);
    }),
    { numRuns: 500 },
  );
});

test('no single change finds its way into a snapshot that was begun before', () => {
  const changes: Readonly<Record<string, (log: Log) => unknown>> = {
    set: (log) => log.apply(set('/a', 'new')),
    setDirectory: (log) => log.apply(set('/a', '', { dir: true })),
    makePermanent: (log) => log.apply(set('/d/e/f', 'x')),
    update: (log) => log.apply(update('/a', 'new')),
    updateDirectory: (log) => log.apply(update('/t', '', { ttlMs: 9 })),
    add: (log) => log.apply(set('/d/e/new', 'new')),
    remove: (log) => log.apply(remove('/a')),
    removeAll: (log) => log.apply(remove('/d', { recursive: true })),
    addEntry: (log) => log.apply(acquire('job', 'c')),
    takeSeat: (log) => log.apply(acquire('pool', 'c', { limit: 2 })),
    addSharedEntry: (log) => log.apply(acquire('read', 'c', { mode: 'shared' })),
    writerGivesUp: (log) => log.apply(release('read', { value: 'b' })),
    addFirstEntry: (log) => log.apply(acquire('job/sub', 'c')),
    joinWaiter: (log) => log.from(memberB, acquire('job', 'b', { ttlMs: 1 })),
    joinWaiterForLonger: (log) => log.apply(acquire('job', 'b', { ttlMs: 99_999 })),
    joinHolder: (log) => log.apply(acquire('job', 'a')),
    renewHolder: (log) => log.apply(renew('job', { value: 'a' })),
    renewWaiter: (log) => log.apply(renew('job', { value: 'b' })),
    releaseHolder: (log) => log.apply(release('job', { value: 'a' })),
    releaseWaiter: (log) => log.apply(release('job', { value: 'b' })),
    releaseLast: (log) => log.apply(release('alone', { value: 'a' })),
    cancelAcquire: (log) => log.from(memberB, cancelAcquire('job', 5, 1)),
    boot: (log) => log.from(memberA, register('disk'), 2),
    recordStarts: (log) => log.apply({ type: 'advanceClock' }),
  };
  for (const [name, change] of Object.entries(changes)) {
    const log = fullLog();
    log.apply(set('/late', 'x', { ttlMs: 1000 }));
    const hash = log.machine.stateHash();
    const source = log.machine.snapshot();
    change(log);
    assert.notEqual(log.machine.stateHash(), hash, `${name} changes something`);
    assert.equal(restored(rest(source), 0).stateHash(), hash, name);
  }
});

test('a large directory that changes everywhere while it is written comes out as it was', () => {
  const log = Log.empty();
  for (let i = 0; i < 3000; i += 1) log.apply(set(`/d/${i % 40}/${i}`, `value ${i}`));
  const hash = log.machine.stateHash();
  const source = log.machine.snapshot();
  const chunks: Uint8Array[] = [];
  for (let i = 0; i < 3000; i += 1) {
    const chunk = i % 10 === 0 ? source.next(1000) : undefined;
    if (chunk !== undefined) chunks.push(chunk);
    log.apply(update(`/d/${(i * 7) % 40}/${i}`, 'changed'));
    if (i % 100 === 0) log.apply(remove(`/d/${i / 100}`, { recursive: true }));
    log.apply(set(`/d/${i % 40}/new ${i}`, 'new'));
  }
  chunks.push(...rest(source));
  assert.equal(restored(chunks, 0).stateHash(), hash);
});

test('chunks may be cut anywhere on their way', () => {
  const log = fullLog();
  const bytes = Buffer.concat(rest(log.machine.snapshot()));
  for (const size of [1, 3, 7, 100, bytes.length]) {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
    assert.equal(restored(pieces, 0).stateHash(), log.machine.stateHash());
  }
});

test('a value larger than a chunk is spread over several', () => {
  const log = Log.empty();
  const value = 'long '.repeat(100_000);
  log.apply(set('/long', value));
  log.apply(set('/short', 'x'));
  const chunks = rest(log.machine.snapshot());
  assert.ok(chunks.length > 2);
  assert.ok(chunks.every((chunk) => chunk.length <= chunkBytes));
  const found = restored(chunks, 0).keys.get('/long', {
    recursive: false,
    sorted: false,
    hidden: false,
  });
  assert.ok(found.ok);
  assert.equal(found.value.node.value, value);
});

test('TTLs go on with what was left of them', () => {
  const log = Log.empty();
  log.clusterTimeMs = 100;
  log.apply(set('/a', 'x', { ttlMs: 1000 }));
  log.apply({ type: 'advanceClock' });
  log.clusterTimeMs = 501;
  log.apply(set('/b', 'x', { ttlMs: 1000 }));
  const machine = restored(rest(log.machine.snapshot()), 7000);
  const expiresAt = (path: string) => {
    const found = machine.keys.get(path, { recursive: false, sorted: false, hidden: false });
    return found.ok ? found.value.node.ttl?.expiresAt : undefined;
  };
  assert.deepEqual([expiresAt('/a'), expiresAt('/b')], [7600, 8000]);
  assertFirstEndsAt(machine, 7600);
});

test('locks go on: the queue, who waits on what, and tokens that only grow', () => {
  const log = fullLog();
  const twin = new Log(restored(rest(log.machine.snapshot()), 0));
  assert.deepEqual(
    twin.machine.locks.queue('lock', 'job').map(({ value, holds }) => [value, holds]),
    [
      ['a', true],
      ['b', false],
    ],
  );
  twin.apply(release('job', { value: 'a' }));
  assert.equal(twin.machine.locks.holder('lock', 'job')?.value, 'b');
  const { index } = entryOf(twin.apply(acquire('job', 'new')));
  assert.ok(index > log.machine.etcdIndex);
});

test('a duplicate is known after a restore', () => {
  const log = fullLog();
  const twin = new Log(restored(rest(log.machine.snapshot()), 0));
  const origin = { memberId: memberA, boot: 1, sequence: 4, settledBelow: 1 };
  const { result } = { result: twin.apply(acquire('job', 'a'), origin) };
  assert.deepEqual(result, log.machine.members.resultOf(memberA, 1, 4));
  assert.equal(twin.machine.etcdIndex, log.machine.etcdIndex);
});

test('watchers and listeners are told that the state was replaced', () => {
  const log = fullLog();
  const chunks = rest(log.machine.snapshot());
  const told: string[] = [];
  log.machine.keys.watch({
    path: '/a',
    recursive: false,
    stream: true,
    sinceIndex: 0,
    onEvent: () => told.push('event'),
    onCleared: () => told.push('cleared'),
  });
  log.machine.locks.onQueueEntry('lock', 'job', 5, (change) => told.push(change));
  log.machine.locks.onHolder('lock', 'job', () => told.push('holder'));
  const restorer = log.machine.restorer(0);
  for (const chunk of chunks) restorer.push(chunk);
  restorer.finish();
  assert.deepEqual(told, []);
  restorer.install();
  assert.deepEqual(told, ['cleared', 'lost', 'holder']);
  log.apply(set('/a', 'x'));
  log.apply(release('job', { value: 'a' }));
  assert.deepEqual(told, ['cleared', 'lost', 'holder', 'holder']);
});

test('the history goes on after a restore', () => {
  const log = Log.empty();
  for (let i = 1; i <= 1200; i += 1) log.apply(set('/a', String(i)));
  const machine = restored(rest(log.machine.snapshot()), 0);
  const values: (string | undefined)[] = [];
  const request = { path: '/a', recursive: false, stream: false, onCleared: () => undefined };
  machine.keys.watch({
    ...request,
    sinceIndex: 201,
    onEvent: ({ node }) => values.push(node.value),
  });
  assert.deepEqual(values, ['201']);
  const refused = machine.keys.watch({ ...request, sinceIndex: 200, onEvent: () => undefined });
  assert.equal(refused.ok, false);
});

test('a snapshot of a state that was replaced is void', () => {
  const log = fullLog();
  const chunks = rest(log.machine.snapshot());
  const source = log.machine.snapshot();
  source.next(10);
  const restorer = log.machine.restorer(0);
  for (const chunk of chunks) restorer.push(chunk);
  restorer.finish();
  restorer.install();
  assert.equal(source.isVoid, true);
  assert.equal(source.next(10), undefined);
  assert.equal(restored(rest(log.machine.snapshot()), 0).stateHash(), log.machine.stateHash());
});

test('one snapshot at a time; one that was closed makes room for the next', () => {
  const log = fullLog();
  const source = log.machine.snapshot();
  source.next(10);
  assert.throws(() => log.machine.snapshot(), { name: 'AssertionError' });
  source.close();
  source.close();
  assert.equal(source.next(10), undefined);
  assert.equal(source.isVoid, false);
  log.apply(set('/a', 'changed'));
  const machine = restored(rest(log.machine.snapshot()), 0);
  assert.equal(machine.stateHash(), log.machine.stateHash());
});

test('a snapshot that is cut anywhere is refused, and the live state stays', () => {
  const log = fullLog();
  const bytes = Buffer.concat(rest(log.machine.snapshot()));
  const machine = new Log(new StateMachine());
  machine.apply(set('/mine', 'x'));
  const hash = machine.machine.stateHash();
  for (let length = 0; length < bytes.length; length += 1) {
    assert.throws(() => {
      const restorer = machine.machine.restorer(0);
      restorer.push(bytes.subarray(0, length));
      restorer.finish();
    }, MalformedError);
  }
  assert.equal(machine.machine.stateHash(), hash);
});

test('a snapshot with a changed byte is restored or refused with a typed error', () => {
  const bytes = Buffer.concat(rest(fullLog().machine.snapshot()));
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
      const changed = Buffer.from(bytes);
      changed[at] = byte;
      try {
        restored([changed], 0);
      } catch (error) {
        assert.ok(
          error instanceof MalformedError || error instanceof NewerFormatError,
          String(error),
        );
      }
    }),
    { numRuns: 2000 },
  );
});

test('the first byte is the format version, and a newer one is refused by that name', () => {
  const restorer = new StateMachine().restorer(0);
  assert.throws(() => restorer.push(new Uint8Array([3, 0, 0])), {
    name: 'NewerFormatError',
    message: /the snapshot has format 3; this release knows formats up to 2/,
  });
});

test('the head is the first record, and the only one of its kind', () => {
  const bytes = Buffer.concat(rest(fullLog().machine.snapshot()));
  const endOfHead = 1 + 4 + bytes.readUInt32LE(1);
  const version = bytes.subarray(0, 1);
  const head = bytes.subarray(1, endOfHead);
  const others = bytes.subarray(endOfHead);
  for (const wrong of [
    [version, others],
    [version, head, head, others],
  ]) {
    assert.throws(() => restored([Buffer.concat(wrong)], 0), /the head is the first record/);
  }
});

test('a record that claims to be endless is refused before it is waited for', () => {
  const restorer = new StateMachine().restorer(0);
  assert.throws(
    () => restorer.push(new Uint8Array([1, 0xff, 0xff, 0xff, 0xff])),
    /a record of 4294967295 bytes/,
  );
});
