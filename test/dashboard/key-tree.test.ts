import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { KeyEvent, KeyNode } from '../../src/dashboard/api/key-requests.js';
import { parseRoute, routeHash } from '../../src/dashboard/app/route.js';
import { cleanKey, parentOf, pathProblem } from '../../src/dashboard/keys/key-path.js';
import {
  type KeyTree,
  rowsOf,
  withEvents,
  withFolder,
  withListing,
} from '../../src/dashboard/keys/key-tree.js';
import { looksSecret } from '../../src/dashboard/keys/secret.js';

describe('the tree of keys', () => {
  const folder = (key: string): KeyNode => ({ ...node(key, '', 0), isFolder: true });

  test('shows after events what a new listing would show', () => {
    const key = fc.constantFrom('/a', '/b/x', '/b/y', '/b/c/z', '/d/e/f');
    const step = fc.record({ key, isRemoval: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), fc.nat(20), (steps, cut) => {
        const { keys, events, listed } = historyOf(steps, cut);
        const shown = names(withEvents(listed, events));
        // A folder stays when its last key goes, so only keys are compared.
        const isKey = (name: string) => [...keys.keys()].includes(name);
        assert.deepEqual(shown.filter(isKey), names(listing(keys, 99)).filter(isKey));
        const stale = shown.filter((name) => ['/a', '/b/x', '/b/y'].includes(name) && !isKey(name));
        assert.deepEqual(stale, []);
      }),
    );
  });

  test('is the same when events are told again, in their order', () => {
    const set = (key: string, index: number): KeyEvent => ({
      action: 'set',
      node: node(key, String(index), index),
    });
    const removal: KeyEvent = { action: 'delete', node: node('/b/x', '', 3) };
    const events = [set('/a', 1), set('/b/x', 2), removal, set('/b/x', 4), set('/a', 5)];
    const once = withEvents(listing(new Map(), 0), events);
    assert.deepEqual(withEvents(once, events), once);
    assert.deepEqual(names(once), ['/a', '/b', '/b/x']);
  });

  test('is not taken back by what is older than its listing', () => {
    const now = listing(new Map([['/a', node('/a', 'new', 5)]]), 5);
    const removal: KeyEvent = { action: 'delete', node: node('/a', '', 3) };
    const older: KeyEvent = { action: 'set', node: node('/a', 'old', 4) };
    assert.deepEqual(withEvents(now, [removal, older]), now);
  });

  test('is told of a folder that a write has made on its way, and forgets what was in one that is gone', () => {
    const empty = withListing(new Map(), '/', { node: folder('/'), children: [], etcdIndex: 5 });
    const made = withEvents(empty, [{ action: 'set', node: node('/new/deep/key', '1', 6) }]);
    assert.deepEqual(names(made), ['/new']);
    const open = withFolder(made, '/new', { type: 'loading' });
    const gone = withEvents(open, [
      { action: 'delete', node: { ...folder('/new'), modifiedIndex: 7 } },
    ]);
    assert.deepEqual([...gone.keys()], ['/']);
  });

  interface Step {
    readonly key: string;
    readonly isRemoval: boolean;
  }

  /**
   * The tree after the steps, their events, and a listing in their middle; earlier events arrive
   * after it, too.
   */
  function historyOf(steps: readonly Step[], cut: number) {
    const keys = new Map<string, KeyNode>();
    const events: KeyEvent[] = [];
    let listed = listing(keys, 0);
    for (const [at, { key, isRemoval }] of steps.entries()) {
      const changed = node(key, String(at), at + 1);
      if (isRemoval && !keys.delete(key)) continue;
      if (!isRemoval) keys.set(key, changed);
      events.push({ action: isRemoval ? 'delete' : 'set', node: changed });
      if (at === cut) listed = listing(keys, at + 1);
    }
    return { keys, events, listed };
  }

  function listing(keys: ReadonlyMap<string, KeyNode>, etcdIndex: number): KeyTree {
    let tree: KeyTree = new Map();
    for (const path of ['/', '/b']) {
      const direct = [...keys.values()].filter(({ key }) => parentOf(key) === path);
      const below = [...keys.keys()].filter((key) =>
        key.startsWith(path === '/' ? '/' : `${path}/`),
      );
      const depth = path === '/' ? 1 : 2;
      const folders = below
        .filter((key) => key.split('/').length > depth + 1)
        .map((key) =>
          folder(
            key
              .split('/')
              .slice(0, depth + 1)
              .join('/'),
          ),
        );
      const unique = new Map([...folders, ...direct].map((one) => [one.key, one]));
      if (path === '/') unique.set('/b', folder('/b'));
      const children = [...unique.values()];
      tree = withListing(tree, path, { node: folder(path), children, etcdIndex });
    }
    return tree;
  }

  function names(tree: KeyTree): readonly string[] {
    return rowsOf(tree, '/').flatMap((row) => (row.type === 'node' ? [row.node.key] : []));
  }

  function node(key: string, value: string, modifiedIndex: number): KeyNode {
    const createdIndex = modifiedIndex;
    return { key, isFolder: false, value, createdIndex, modifiedIndex, expiresAt: undefined };
  }

  test('shows with a filter what fits it, what is in that, and the way to it', () => {
    const keys = ['/a', '/b/x', '/b/y'].map((key, at) => [key, node(key, '', at + 1)] as const);
    const tree = listing(new Map(keys), 9);
    const shown = (filter: string) =>
      rowsOf(tree, '/', filter).flatMap((row) => (row.type === 'node' ? [row.node.key] : []));
    assert.deepEqual(shown(''), ['/a', '/b', '/b/x', '/b/y']);
    assert.deepEqual(shown('X'), ['/b', '/b/x']);
    assert.deepEqual(shown('b'), ['/b', '/b/x', '/b/y']);
    assert.deepEqual(shown('nothing'), []);
  });

  test('knows a path however it is written', () => {
    assert.equal(cleanKey('a//b/'), '/a/b');
    assert.equal(cleanKey(''), '/');
    assert.equal(parentOf('/a'), '/');
  });
});

test('a key whose name, or a folder of which, looks like a secret is known', () => {
  const secrets = [
    '/db/password',
    '/apiKey',
    '/a/API_KEY',
    '/secrets/db',
    '/auth/token',
    '/x/privateKey',
  ];
  assert.deepEqual(secrets.filter(looksSecret), secrets);
  assert.deepEqual(['/db/host', '/keys/public', '/compass/north'].filter(looksSecret), []);
});

describe('the address of the page', () => {
  test('says what is open and selected, whatever is in the names', () => {
    for (const selected of [undefined, '/a b/c?d=1#e/ü', '/%2F/100%']) {
      for (const subject of ['', 'a b/c?d#e']) {
        const route = { page: 'keys', subject, selected } as const;
        assert.deepEqual(parseRoute(routeHash(route)), route);
      }
    }
  });
});

describe('a path that was typed', () => {
  test('is refused where members would make another one of it', () => {
    for (const path of ['//a', '/a//b', '/a/../b', '/./a', '..', '//a/../b']) {
      assert.notEqual(pathProblem(path), undefined, path);
    }
    for (const path of ['', '/', '/a', 'a/b', '/a/', '/a/...', '/.hidden']) {
      assert.equal(pathProblem(path), undefined, path);
    }
  });
});
