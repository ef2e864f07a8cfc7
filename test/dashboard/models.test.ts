import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ClusterView, MemberView, ReportView } from '../../src/dashboard/api/cluster.js';
import type { KeyEvent, KeyNode } from '../../src/dashboard/api/key-requests.js';
import { bytesText, countText, durationText } from '../../src/dashboard/format/quantity.js';
import { cleanKey, parentOf } from '../../src/dashboard/keys/key-path.js';
import {
  type KeyTree,
  rowsOf,
  withEvents,
  withFolder,
  withListing,
} from '../../src/dashboard/keys/key-tree.js';
import { bestForm, hexDump } from '../../src/dashboard/keys/value-text.js';
import { commitRates, noSamples, withSample } from '../../src/dashboard/live/samples.js';
import { grantsOf } from '../../src/dashboard/locks/grants.js';
import {
  findingsOf,
  healthySentence,
  unansweredSentence,
} from '../../src/dashboard/overview/diagnosis.js';

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

  test('knows a path however it is written', () => {
    assert.equal(cleanKey('a//b/'), '/a/b');
    assert.equal(cleanKey(''), '/');
    assert.equal(parentOf('/a'), '/');
  });
});

describe('what is wrong', () => {
  const sentences = (view: ClusterView) => findingsOf(view).map(({ sentence }) => sentence);

  test('is nothing when all answer', () => {
    assert.deepEqual(sentences(cluster([member('one', {}), member('two', {})])), []);
    assert.match(
      healthySentence(cluster([member('one', {}), member('two', {})])),
      /All 2 members answer; one has led/,
    );
  });

  test('is who is silent, for how long, and what one more loss would do', () => {
    const silent = { reachable: false, silentMs: 12_400 };
    const three = [member('one', {}), member('two', {}), member('node3', silent)];
    assert.deepEqual(sentences(cluster(three)), [
      '2 of 3 members answer: one more loss stops the cluster.',
      'node3 has not answered for 12 s.',
    ]);
    const lost = [member('one', {}), member('two', silent), member('node3', silent)];
    assert.match(sentences(cluster(lost))[0] ?? '', /^1 of 3 members answer: too few/);
  });

  const disk =
    'its data directory is not the one that the cluster knows. Start it with the old one';

  test('is who is refused, why, and what to do', () => {
    const refused = { reachable: false, refusal: { isByPeer: false, reason: disk } };
    const three = [member('one', {}), member('two', {}), member('node3', refused)];
    assert.deepEqual(sentences(cluster(three)), [
      '2 of 3 members answer: one more loss stops the cluster.',
      `node3 is refused: ${disk}.`,
    ]);
  });

  test('is, at a member that is refused, only that: nothing is known of the others', () => {
    const refusing = { reachable: false, refusal: { isByPeer: true, reason: disk } };
    const self = member('node3', {}, { leader: undefined });
    const three = [self, member('one', refusing), member('two', refusing)];
    assert.deepEqual(findingsOf(cluster(three)), [
      { severity: 'critical', sentence: `node3 is refused by one and two: ${disk}.` },
    ]);
  });

  test('is a missing leader, a member that lags and two versions', () => {
    const orphan = member('one', {}, { leader: undefined });
    assert.match(sentences(cluster([orphan]))[0] ?? '', /one knows no leader/);
    const behind = member('two', {}, { appliedIndex: 1, version: '0.0.9' });
    assert.deepEqual(sentences(cluster([member('one', {}), behind])), [
      'two is 99\u202f999 entries behind.',
      'The members run different versions: one 1.0.0, two 0.0.9.',
    ]);
  });

  test('is that the member of the page does not answer, and when it is asked again', () => {
    const sentence = unansweredSentence('node1', { type: 'unreachable' }, 4_200, 1_900);
    assert.equal(
      sentence,
      'node1, which serves this page, has not answered for 4 s. Trying again in 1 s.',
    );
  });
});

test('an election is marked once, with who was elected', () => {
  const at = (leader: string | undefined, term: number) =>
    cluster([member('one', {}, { leader, term, commitIndex: 10 * term })]);
  let samples = noSamples;
  for (const [second, view] of [
    at('one', 1),
    at(undefined, 1),
    at(undefined, 2),
    at('one', 3),
    at('one', 3),
  ].entries()) {
    samples = withSample(samples, view, second);
  }
  assert.deepEqual(samples.elections, [
    { at: 1, label: 'no leader' },
    { at: 3, label: 'one elected, term 3' },
  ]);
  assert.deepEqual(commitRates(samples.list), [undefined, 0, 10, 10, 0]);
});

test('a history of changes becomes a list of grants', () => {
  const change = (action: string, index: number, at: number) => ({
    action,
    index,
    value: `v${index}`,
    at,
  });
  const history = [
    change('expired', 1, 5),
    change('granted', 2, 5),
    change('released', 2, 9),
    change('granted', 7, 9),
  ];
  assert.deepEqual(grantsOf(history), [
    { index: 7, value: 'v7', from: 9, to: undefined, end: undefined },
    { index: 2, value: 'v2', from: 5, to: 9, end: 'released' },
    { index: 1, value: 'v1', from: undefined, to: 5, end: 'expired' },
  ]);
});

test('a value is shown in the form in which it can be read', () => {
  assert.equal(bestForm('plain\ntext'), 'text');
  assert.equal(bestForm(' {"a":1}'), 'json');
  assert.equal(bestForm('"lonely"'), 'text');
  assert.equal(bestForm('a\u0000b'), 'hex');
  assert.equal(bestForm('broken \ufffd'), 'hex');
  assert.equal(hexDump('aé\n'), '000000  61 c3 a9 0a                                      a...');
});

test('quantities are short and have their units', () => {
  assert.deepEqual([0.42, 37, 999, 12_900, 185_000, 7_800_000, 100_000_000].map(durationText), [
    ...['0.4 ms', '37 ms', '999 ms', '12 s', '3 min 5 s', '2 h 10 min', '1 d 3 h'],
  ]);
  assert.deepEqual([12, 2048, 150 * 1024 * 1024].map(bytesText), ['12 B', '2.0 KiB', '150 MiB']);
  assert.equal(countText(1234567), '1\u202f234\u202f567');
});

function cluster(members: readonly MemberView[]): ClusterView {
  const [self] = members;
  return {
    clusterId: 'cc',
    self: {
      id: self?.id ?? '',
      name: self?.name ?? '',
      leaderForMs: 5_000,
      etcdIndex: 1,
      waitingForLocks: 0,
      waitingForElections: 0,
    },
    members: members.map((one, at) => ({ ...one, isSelf: at === 0 })),
    followers: new Map(),
  };
}

function member(
  name: string,
  contact: Partial<MemberView>,
  report: Partial<ReportView> = {},
): MemberView {
  return {
    id: name,
    name,
    clientUrls: [],
    isSelf: false,
    reachable: true,
    silentMs: 100,
    roundTripMs: 1,
    refusal: undefined,
    report: {
      role: 'follower',
      term: 1,
      leader: 'one',
      commitIndex: 100_000,
      appliedIndex: 100_000,
      upMs: 1,
      rssBytes: 1,
      diskBytes: 1,
      watchers: 0,
      version: '1.0.0',
      ...report,
    },
    ...contact,
  };
}
