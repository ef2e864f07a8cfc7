import assert from 'node:assert/strict';
import test from 'node:test';
import type { NodeView } from '../../../src/command/event.js';
import type { KeyCommand } from '../../../src/command/keys.js';
import { failure } from '../../../src/result.js';
import {
  compareAndDelete,
  compareAndSwap,
  create,
  createInOrder,
  makeDir,
  remove,
  set,
  update,
} from '../commands.js';
import { errorOf, eventOf, Log } from '../log.js';

function logOf(...commands: readonly KeyCommand[]): Log {
  const log = Log.empty();
  for (const command of commands) eventOf(log.apply(command));
  return log;
}

function file(key: string, value: string, modifiedIndex: number, createdIndex: number): NodeView {
  return { key, value, modifiedIndex, createdIndex };
}

function nodeAt(log: Log, path: string): NodeView {
  const found = log.machine.keys.get(path, { recursive: true, sorted: true, hidden: false });
  assert.ok(found.ok, JSON.stringify(found));
  return found.value.node;
}

test('the index begins at zero and grows by one with every event', () => {
  const log = Log.empty();
  assert.equal(log.machine.etcdIndex, 0);
  assert.equal(eventOf(log.apply(set('/a', 'x'))).node.modifiedIndex, 1);
  assert.equal(log.apply(set('/a', 'y')).type, 'event');
  errorOf(log.apply(create('/a', 'z')));
  assert.equal(log.machine.etcdIndex, 2);
});

test('set creates a key and the directories on its way', () => {
  const log = Log.empty();
  const event = eventOf(log.apply(set('/a/b/c', 'x')));
  assert.deepEqual(event, { action: 'set', node: file('/a/b/c', 'x', 1, 1) });
  assert.deepEqual(nodeAt(log, '/a'), {
    key: '/a',
    dir: true,
    modifiedIndex: 1,
    createdIndex: 1,
    nodes: [
      {
        key: '/a/b',
        dir: true,
        modifiedIndex: 1,
        createdIndex: 1,
        nodes: [file('/a/b/c', 'x', 1, 1)],
      },
    ],
  });
});

test('set replaces a key by a new one, created now, and shows the old one', () => {
  const log = logOf(set('/a', 'x'));
  const event = eventOf(log.apply(set('/a', 'y')));
  const prevNode = file('/a', 'x', 1, 1);
  assert.deepEqual(event, { action: 'set', node: file('/a', 'y', 2, 2), prevNode });
});

test('set may turn a key into a directory, but no directory into a key', () => {
  const log = logOf(set('/a', 'x'));
  const event = eventOf(log.apply(set('/a', '', { dir: true })));
  assert.deepEqual(event.node, { key: '/a', dir: true, modifiedIndex: 2, createdIndex: 2 });
  assert.deepEqual(event.prevNode, file('/a', 'x', 1, 1));
  eventOf(log.apply(set('/a/b', 'y')));
  const refused = { errorCode: 102, cause: '/a', index: 3 };
  assert.deepEqual(errorOf(log.apply(set('/a', 'z'))), refused);
  assert.deepEqual(errorOf(log.apply(set('/a', '', { dir: true }))), refused);
});

test('a set that refreshes keeps the value of a key that must exist', () => {
  const log = logOf(set('/a', 'x'), makeDir('/d'));
  const event = eventOf(log.apply(set('/a', '', { refresh: true, ttlMs: 5000 })));
  assert.equal(event.refresh, true);
  assert.equal(event.node.value, 'x');
  assert.deepEqual([event.node.createdIndex, event.node.modifiedIndex], [3, 3]);
  assert.deepEqual(event.node.ttl, { ttlMs: 5000, expiresAt: 5000 });
  const missing = errorOf(log.apply(set('/b', '', { refresh: true, ttlMs: 5000 })));
  assert.deepEqual(missing, { errorCode: 100, cause: '/b', index: 3 });
  assert.equal(errorOf(log.apply(set('/d', '', { refresh: true, ttlMs: 1 }))).errorCode, 102);
});

test('create refuses what exists, update what does not', () => {
  const log = logOf(create('/a', 'x'));
  const exists = { errorCode: 105, cause: '/a', index: 1 };
  assert.deepEqual(errorOf(log.apply(create('/a', 'y'))), exists);
  assert.deepEqual(errorOf(log.apply(makeDir('/a'))), exists);
  assert.equal(nodeAt(log, '/a').value, 'x');
  const missing = { errorCode: 100, cause: '/b', index: 1 };
  assert.deepEqual(errorOf(log.apply(update('/b', 'y'))), missing);
});

test('update keeps the created index', () => {
  const log = logOf(set('/a', 'x'));
  const event = eventOf(log.apply(update('/a', 'y')));
  const prevNode = file('/a', 'x', 1, 1);
  assert.deepEqual(event, { action: 'update', node: file('/a', 'y', 2, 1), prevNode });
});

test('update of a directory sets its TTL and leaves its modified index', () => {
  const log = logOf(makeDir('/d'));
  const event = eventOf(log.apply(update('/d', '', { ttlMs: 1000 })));
  const ttl = { ttlMs: 1000, expiresAt: 1000 };
  assert.deepEqual(event.node, { key: '/d', dir: true, ttl, modifiedIndex: 2, createdIndex: 1 });
  assert.equal(nodeAt(log, '/d').modifiedIndex, 1);
  const refused = errorOf(log.apply(update('/d', 'x')));
  assert.deepEqual(refused, { errorCode: 102, cause: '/d', index: 2 });
});

test('an update that refreshes keeps the value', () => {
  const log = logOf(set('/a', 'x'));
  const event = eventOf(log.apply(update('/a', '', { refresh: true, ttlMs: 1000 })));
  assert.equal(event.refresh, true);
  assert.equal(event.node.value, 'x');
  assert.equal(nodeAt(log, '/a').value, 'x');
});

test('a key in the way of a path is not a directory', () => {
  const log = logOf(set('/a', 'x'));
  const refused = { errorCode: 104, cause: '/a', index: 1 };
  assert.deepEqual(errorOf(log.apply(set('/a/b', 'y'))), refused);
  assert.deepEqual(errorOf(log.apply(create('/a/b/c', 'y'))), refused);
  assert.deepEqual(errorOf(log.apply(update('/a/b', 'y'))), refused);
  assert.deepEqual(errorOf(log.apply(remove('/a/b'))), refused);
  assert.deepEqual(errorOf(log.apply(createInOrder('/a', 'y'))), refused);
  assert.deepEqual(
    log.machine.keys.get('/a/b', { recursive: false, sorted: false, hidden: false }),
    failure(refused),
  );
});

test('what is missing is named by the first part that is', () => {
  const log = logOf(set('/a/b', 'x'));
  for (const path of ['/a/c/d/e', '/a/c']) {
    assert.deepEqual(errorOf(log.apply(remove(path))), {
      errorCode: 100,
      cause: '/a/c',
      index: 1,
    });
  }
});

test('compareAndSwap wants every condition to hold, and says which does not', () => {
  const log = logOf(set('/a', 'x'), set('/b', ''), makeDir('/d'));
  const cases: readonly (readonly [Parameters<typeof compareAndSwap>[2], string])[] = [
    [{ prevValue: 'y' }, '[y != x]'],
    [{ prevIndex: 9 }, '[9 != 1]'],
    [{ prevValue: 'y', prevIndex: 1 }, '[y != x]'],
    [{ prevValue: 'x', prevIndex: 9 }, '[9 != 1]'],
    [{ prevValue: 'y', prevIndex: 9 }, '[y != x] [9 != 1]'],
  ];
  for (const [conditions, cause] of cases) {
    const error = errorOf(log.apply(compareAndSwap('/a', 'z', conditions)));
    assert.deepEqual(error, { errorCode: 101, cause, index: 3 });
  }
  const swapped = eventOf(log.apply(compareAndSwap('/a', 'z', { prevValue: 'x', prevIndex: 1 })));
  assert.deepEqual(swapped, {
    action: 'compareAndSwap',
    node: file('/a', 'z', 4, 1),
    prevNode: file('/a', 'x', 1, 1),
  });
  assert.equal(errorOf(log.apply(compareAndSwap('/c', 'z', { prevIndex: 1 }))).errorCode, 100);
  assert.equal(errorOf(log.apply(compareAndSwap('/d', 'z', { prevIndex: 3 }))).errorCode, 102);
});

test('compareAndSwap without a TTL makes the key permanent', () => {
  const log = logOf(set('/a', 'x', { ttlMs: 1000 }));
  assert.equal(log.machine.time.hasDeadlines, true);
  eventOf(log.apply(compareAndSwap('/a', 'y', { prevValue: 'x' })));
  assert.equal(nodeAt(log, '/a').ttl, undefined);
  assert.equal(log.machine.time.hasDeadlines, false);
});

test('compareAndDelete deletes a key whose conditions hold', () => {
  const log = logOf(set('/a', 'x'), makeDir('/d'));
  const refused = errorOf(log.apply(compareAndDelete('/a', { prevValue: 'y', prevIndex: 8 })));
  assert.deepEqual(refused, { errorCode: 101, cause: '[y != x] [8 != 1]', index: 2 });
  assert.equal(errorOf(log.apply(compareAndDelete('/d', { prevIndex: 2 }))).errorCode, 102);
  assert.equal(errorOf(log.apply(compareAndDelete('/', { prevIndex: 2 }))).errorCode, 102);
  assert.deepEqual(eventOf(log.apply(compareAndDelete('/a', { prevIndex: 1 }))), {
    action: 'compareAndDelete',
    node: { key: '/a', modifiedIndex: 3, createdIndex: 1 },
    prevNode: file('/a', 'x', 1, 1),
  });
  assert.equal(errorOf(log.apply(remove('/a'))).errorCode, 100);
});

test('delete takes a directory only when told so, and what is in it only when told that', () => {
  const log = logOf(set('/d/a', 'x'), makeDir('/e'));
  assert.deepEqual(errorOf(log.apply(remove('/d'))), { errorCode: 102, cause: '/d', index: 2 });
  const notEmpty = { errorCode: 108, cause: '/d', index: 2 };
  assert.deepEqual(errorOf(log.apply(remove('/d', { dir: true }))), notEmpty);
  assert.equal(eventOf(log.apply(remove('/e', { dir: true }))).node.dir, true);
  const event = eventOf(log.apply(remove('/d', { recursive: true })));
  assert.deepEqual(event, {
    action: 'delete',
    node: { key: '/d', dir: true, modifiedIndex: 4, createdIndex: 1 },
    prevNode: { key: '/d', dir: true, modifiedIndex: 1, createdIndex: 1 },
  });
  assert.equal(errorOf(log.apply(update('/d/a', 'y'))).errorCode, 100);
});

test('an in-order key is named by the index at which it is created', () => {
  const log = logOf(set('/q/x', 'y'));
  const event = eventOf(log.apply(createInOrder('/q', 'job')));
  assert.deepEqual(event, {
    action: 'create',
    node: file('/q/00000000000000000002', 'job', 2, 2),
  });
  const inRoot = eventOf(log.apply(createInOrder('/', 'job', { dir: true })));
  assert.equal(inRoot.node.key, '/00000000000000000003');
  assert.equal(inRoot.node.dir, true);
});

test('no in-order key is made that no command could name', () => {
  const log = Log.empty();
  const deepest = `${'/a'.repeat(255)}`;
  eventOf(log.apply(createInOrder(deepest, 'x', { ttlMs: 10 })));
  const error = errorOf(log.apply(createInOrder(`${deepest}/a`, 'x')));
  assert.equal(error.errorCode, 209);
  log.now = 10;
  for (const command of log.machine.time.expired(log.now, log.machine.appliedTerm, 10)) {
    log.apply(command);
  }
  assert.equal(log.machine.time.hasDeadlines, false);
});

test('the root is read only', () => {
  const log = Log.empty();
  const refused = { errorCode: 107, cause: '/', index: 0 };
  assert.deepEqual(errorOf(log.apply(set('/', 'x'))), refused);
  assert.deepEqual(errorOf(log.apply(create('/', 'x'))), refused);
  assert.deepEqual(errorOf(log.apply(update('/', ''))), refused);
  assert.deepEqual(errorOf(log.apply(compareAndSwap('/', '', { prevIndex: 1 }))), refused);
  assert.deepEqual(errorOf(log.apply(remove('/', { recursive: true }))), refused);
});

test('the keys API leaves locks and what is above them alone', () => {
  const log = Log.empty();
  const entry = '/_etcd/mod/lock/a/00000000000000000001';
  for (const path of ['/_etcd', '/_etcd/mod', '/_etcd/mod/lock', '/_etcd/mod/leader/a', entry]) {
    for (const command of [
      set(path, 'x'),
      makeDir(path),
      update(path, '', { ttlMs: 1 }),
      compareAndSwap(path, 'x', { prevIndex: 1 }),
      remove(path, { recursive: true }),
      compareAndDelete(path, { prevIndex: 1 }),
    ]) {
      const error = errorOf(log.apply(command));
      assert.equal(error.errorCode, 107, `${command.type} ${path}`);
      assert.match(error.cause, /lock module/);
    }
  }
  assert.equal(errorOf(log.apply(createInOrder('/_etcd/mod/lock', 'x'))).errorCode, 107);
  assert.equal(eventOf(log.apply(createInOrder('/_etcd', 'x'))).action, 'create');
  assert.equal(eventOf(log.apply(set('/_etcd/x', 'x'))).action, 'set');
});

test('a listing leaves hidden keys out and sorts by UTF-8 bytes when told to', () => {
  const log = logOf(
    set('/d/\u{1f642}', '1'),
    set('/d/\uffee', '2'),
    set('/d/b', '3'),
    set('/d/_h', '4'),
    set('/d/a/x', '5'),
  );
  const found = log.machine.keys.get('/d', { recursive: false, sorted: true, hidden: false });
  assert.ok(found.ok);
  const { nodes } = found.value.node;
  const keys = nodes?.map(({ key }) => key);
  assert.deepEqual(keys, ['/d/a', '/d/b', '/d/\uffee', '/d/\u{1f642}']);
  assert.equal(nodes?.[0]?.nodes, undefined);
  assert.equal(nodeAt(log, '/d').nodes?.[0]?.nodes?.[0]?.value, '5');
  assert.equal(nodeAt(log, '/d/_h').value, '4');
});

test('an empty directory is listed without nodes, also when all it holds is hidden', () => {
  const log = logOf(makeDir('/d'), set('/e/_h', 'x'));
  assert.equal('nodes' in nodeAt(log, '/d'), false);
  assert.equal('nodes' in nodeAt(log, '/e'), false);
});

test('names that mean something to JavaScript are names like any other', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '0', '10', '9', '\0'];
  const log = logOf(...names.map((name) => set(`/d/${name}`, name)));
  for (const name of names) assert.equal(nodeAt(log, `/d/${name}`).value, name);
  const hidden = 1;
  assert.equal(nodeAt(log, '/d').nodes?.length, names.length - hidden);
  for (const name of names) eventOf(log.apply(remove(`/d/${name}`)));
  assert.equal('nodes' in nodeAt(log, '/d'), false);
});

test('statistics count what succeeded and what failed', () => {
  const log = logOf(set('/a', 'x'), create('/b', 'x'), createInOrder('/q', 'x'));
  log.apply(create('/a', 'y'));
  log.apply(remove('/none'));
  nodeAt(log, '/a');
  log.machine.keys.get('/none', { recursive: false, sorted: false, hidden: false });
  const counts = log.machine.keys.statistics();
  assert.deepEqual(
    [counts.setsSuccess, counts.createSuccess, counts.createFail, counts.deleteFail],
    [1, 2, 1, 1],
  );
  assert.deepEqual([counts.getsSuccess, counts.getsFail], [1, 1]);
});
