import assert from 'node:assert/strict';
import test from 'node:test';
import type { NodeEvent } from '../../../src/command/event.js';
import { failure } from '../../../src/result.js';
import { historyLimitFor } from '../../../src/store/options.js';
import { StateMachine } from '../../../src/store/state-machine.js';
import { acquire, makeDir, remove, set, update } from '../commands.js';
import { Log } from '../log.js';

interface Watch {
  readonly seen: string[];
  readonly events: NodeEvent[];
  readonly startIndex: number;
  readonly close: () => void;
  cleared: number;
}

function watch(
  log: Log,
  path: string,
  options: { recursive?: boolean; stream?: boolean; sinceIndex?: number } = {},
): Watch {
  const seen: string[] = [];
  const events: NodeEvent[] = [];
  const state = { cleared: 0 };
  const opened = log.machine.keys.watch({
    path,
    recursive: options.recursive === true,
    stream: options.stream === true,
    sinceIndex: options.sinceIndex ?? 0,
    onEvent: (event) => {
      events.push(event);
      seen.push(`${event.action} ${event.node.key}`);
    },
    onCleared: () => {
      state.cleared += 1;
    },
  });
  assert.ok(opened.ok, JSON.stringify(opened));
  const { startIndex } = opened.value;
  return Object.assign(state, { seen, events, startIndex, close: () => opened.value.close() });
}

test('a watcher sees the first event at its key, and no second one', () => {
  const log = Log.empty();
  log.apply(set('/a', 'w'));
  const watcher = watch(log, '/a');
  assert.equal(watcher.startIndex, 1);
  assert.equal(log.machine.keys.statistics().watchers, 1);
  log.apply(set('/b', 'x'));
  log.apply(set('/a', 'x'));
  log.apply(set('/a', 'y'));
  assert.deepEqual(watcher.seen, ['set /a']);
  assert.equal(watcher.events[0]?.node.value, 'x');
  assert.equal(log.machine.keys.statistics().watchers, 0);
});

test('a recursive watcher sees events below its path, another does not', () => {
  const log = Log.empty();
  const recursive = watch(log, '/a', { recursive: true });
  const exact = watch(log, '/a');
  const root = watch(log, '/', { recursive: true });
  log.apply(set('/ab', 'x'));
  log.apply(set('/a/b/c', 'x'));
  assert.deepEqual(recursive.seen, ['set /a/b/c']);
  assert.deepEqual(exact.seen, []);
  assert.deepEqual(root.seen, ['set /ab']);
});

test('a stream goes on until it is closed', () => {
  const log = Log.empty();
  const stream = watch(log, '/a', { stream: true, recursive: true });
  log.apply(set('/a/b', 'x'));
  log.apply(update('/a/b', 'y'));
  log.apply(remove('/a', { recursive: true }));
  stream.close();
  stream.close();
  log.apply(set('/a/b', 'z'));
  assert.deepEqual(stream.seen, ['set /a/b', 'update /a/b', 'delete /a']);
  assert.equal(log.machine.keys.statistics().watchers, 0);
});

test('hidden keys are seen by those who watch them, or what is below them', () => {
  const log = Log.empty();
  const above = watch(log, '/', { recursive: true, stream: true });
  const at = watch(log, '/_h', { stream: true });
  const below = watch(log, '/_h/a', { recursive: true, stream: true });
  log.apply(set('/_h/a/b', 'x'));
  log.apply(remove('/_h', { recursive: true }));
  assert.deepEqual(above.seen, []);
  assert.deepEqual(at.seen, ['delete /_h']);
  assert.deepEqual(below.seen, ['set /_h/a/b', 'delete /_h']);
});

test('the deletion of a directory is told once to all who watch a key in it', () => {
  const log = Log.empty();
  log.apply(set('/d/a/b', 'x'));
  const deep = watch(log, '/d/a/b', { stream: true });
  const middle = watch(log, '/d/a', { stream: true, recursive: true });
  const absent = watch(log, '/d/none', { stream: true });
  const sibling = watch(log, '/dd', { stream: true });
  log.apply(remove('/d', { recursive: true }));
  assert.deepEqual(deep.seen, ['delete /d']);
  assert.deepEqual(middle.seen, ['delete /d']);
  assert.deepEqual(absent.seen, []);
  assert.deepEqual(sibling.seen, []);
});

test('a refresh is told to nobody, now or later, and has its index', () => {
  const log = Log.empty();
  log.apply(set('/a', 'x'));
  const live = watch(log, '/a', { stream: true });
  log.apply(update('/a', '', { refresh: true, ttlMs: 1000 }));
  log.apply(set('/a', '', { refresh: true, ttlMs: 1000 }));
  const past = watch(log, '/a', { stream: true, sinceIndex: 2 });
  assert.equal(log.machine.etcdIndex, 3);
  assert.deepEqual([live.seen, past.seen], [[], []]);
});

test('a watcher from an index sees the past first', () => {
  const log = Log.empty();
  for (const value of ['1', '2', '3']) log.apply(set('/a', value));
  const once = watch(log, '/a', { sinceIndex: 2 });
  assert.deepEqual(
    once.events.map(({ node }) => node.value),
    ['2'],
  );
  assert.equal(log.machine.keys.statistics().watchers, 0);
  const stream = watch(log, '/a', { sinceIndex: 2, stream: true });
  log.apply(set('/a', '4'));
  assert.deepEqual(
    stream.events.map(({ node }) => node.value),
    ['2', '3', '4'],
  );
});

test('the past is told by the rules of the present', () => {
  const log = Log.empty();
  log.apply(set('/d/a', 'x'));
  log.apply(set('/d/_h', 'x'));
  log.apply(makeDir('/e'));
  log.apply(remove('/d', { recursive: true }));
  const seenOf = (path: string, recursive: boolean) =>
    watch(log, path, { recursive, stream: true, sinceIndex: 1 }).seen;
  assert.deepEqual(seenOf('/', true), ['set /d/a', 'create /e', 'delete /d']);
  assert.deepEqual(seenOf('/d', false), ['delete /d']);
  assert.deepEqual(seenOf('/d/_h', false), ['set /d/_h', 'delete /d']);
  assert.deepEqual(seenOf('/d/a/b', false), ['delete /d']);
  assert.deepEqual(seenOf('/da', true), []);
});

test('a watcher from a later index waits for it', () => {
  const log = Log.empty();
  const watcher = watch(log, '/a', { sinceIndex: 3 });
  for (const value of ['1', '2', '3']) log.apply(set('/a', value));
  assert.deepEqual(
    watcher.events.map(({ node }) => node.value),
    ['3'],
  );
});

test('the history has a thousand events; an older index is refused, with the oldest that is left', () => {
  const log = Log.empty();
  for (let i = 0; i < 1003; i += 1) log.apply(set(`/k${i % 10}`, String(i)));
  const refused = log.machine.keys.watch({
    path: '/k3',
    recursive: false,
    stream: false,
    sinceIndex: 3,
    onEvent: () => undefined,
    onCleared: () => undefined,
  });
  const cause = 'the requested history has been cleared [4/3]';
  assert.deepEqual(refused, failure({ errorCode: 401, cause, index: 1003 }));
  assert.deepEqual(
    watch(log, '/k3', { sinceIndex: 4 }).events.map(({ node }) => node.value),
    ['3'],
  );
  assert.equal(watch(log, '/', { sinceIndex: 4, recursive: true, stream: true }).seen.length, 1000);
});

test('the history of large values is shorter', () => {
  const log = Log.empty();
  const value = 'x'.repeat(1024 * 1024);
  for (let i = 0; i < 40; i += 1) log.apply(set('/large', value));
  assert.deepEqual(watch(log, '/none', { sinceIndex: 9 }).seen, []);
  const past = { path: '/none', recursive: false, stream: false, sinceIndex: 8 };
  const refused = log.machine.keys.watch({
    ...past,
    onEvent: () => undefined,
    onCleared: () => undefined,
  });
  assert.ok(!refused.ok);
  log.apply(remove('/large'));
  assert.equal(watch(log, '/large', { sinceIndex: 41 }).seen.length, 1);
});

test('a watcher that is closed while others are told is not told', () => {
  const log = Log.empty();
  const seen: string[] = [];
  const request = { path: '/a', recursive: false, stream: true, sinceIndex: 0 };
  const onCleared = () => undefined;
  let closeSecond = (): void => undefined;
  log.machine.keys.watch({ ...request, onCleared, onEvent: () => closeSecond() });
  const second = log.machine.keys.watch({
    ...request,
    onCleared,
    onEvent: () => seen.push('second'),
  });
  assert.ok(second.ok);
  closeSecond = () => second.value.close();
  log.apply(set('/a', 'x'));
  assert.deepEqual(seen, []);
});

test('the queue entries of a lock are keys that can be watched', () => {
  const log = Log.empty();
  const watcher = watch(log, '/_etcd/mod/lock/job', { recursive: true, stream: true });
  const above = watch(log, '/', { recursive: true, stream: true });
  log.apply(acquire('job', 'v'));
  log.apply({ type: 'renew', space: 'lock', name: 'job', index: 1, value: 'v', ttlMs: 5 });
  log.apply({ type: 'release', space: 'lock', name: 'job', index: 1, value: undefined });
  const key = '/_etcd/mod/lock/job/00000000000000000001';
  assert.deepEqual(watcher.seen, [`create ${key}`, `update ${key}`, `delete ${key}`]);
  assert.deepEqual(above.seen, []);
});

test('a path far deeper than any key can be watched, and nothing comes of it', () => {
  const log = Log.empty();
  log.apply(set('/a/a', 'x'));
  const deep = watch(log, '/a'.repeat(50_000), { stream: true });
  log.apply(remove('/a', { recursive: true }));
  assert.deepEqual(deep.seen, []);
  deep.close();
  assert.equal(log.machine.keys.statistics().watchers, 0);
});

test('twenty thousand idle watchers are in nobody’s way', () => {
  const quiet = Log.empty();
  const watched = Log.empty();
  let told = 0;
  for (let i = 0; i < 20_000; i += 1) {
    watched.machine.keys.watch({
      path: `/w/${i}`,
      recursive: true,
      stream: true,
      sinceIndex: 0,
      onEvent: () => {
        told += 1;
      },
      onCleared: () => undefined,
    });
  }
  let [without, among] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  // On a machine that does other things as well, only the best of some rounds tell anything.
  for (let round = 0; round < 50 && (round < 3 || among >= 2 * without); round += 1) {
    without = Math.min(without, writeElsewhere(quiet));
    among = Math.min(among, writeElsewhere(watched));
  }
  assert.ok(among < 2 * without, `${among.toFixed(1)} ms instead of ${without.toFixed(1)} ms`);
  assert.equal(told, 0);
  watched.apply(set('/w/7/x', 'x'));
  assert.equal(told, 1);
  assert.equal(watched.machine.keys.statistics().watchers, 20_000);
});

function writeElsewhere(log: Log): number {
  const startedAt = performance.now();
  for (let i = 0; i < 1000; i += 1) log.apply(set(`/other/${i}`, 'x'));
  return performance.now() - startedAt;
}

test('the history of a small heap is shorter, and its indexes are the same', () => {
  const megabyte = 1024 * 1024;
  assert.equal(historyLimitFor(112 * megabyte), 7 * megabyte);
  assert.equal(historyLimitFor(4096 * megabyte), 64 * megabyte);
  const log = new Log(new StateMachine({ historyUnitsMax: 1000 }));
  const value = 'x'.repeat(100);
  // The first has no previous value, and the others have two values each.
  for (let i = 0; i < 10; i += 1) log.apply(set('/a', value));
  assert.equal(watch(log, '/a', { sinceIndex: 6, stream: true }).seen.length, 5);
  const request = { path: '/a', recursive: false, stream: false, sinceIndex: 5 };
  const ignore = () => undefined;
  const refused = log.machine.keys.watch({ ...request, onEvent: ignore, onCleared: ignore });
  assert.ok(!refused.ok);
  assert.deepEqual([refused.error.errorCode, refused.error.index], [401, 10]);
});
