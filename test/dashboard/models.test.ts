import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ClusterView, MemberView, ReportView } from '../../src/dashboard/api/cluster.js';
import type { PastEvent } from '../../src/dashboard/api/history.js';
import { rowsOf } from '../../src/dashboard/charts/marks.js';
import { bytesText, countText, durationText } from '../../src/dashboard/format/quantity.js';
import { bestForm, hexDump } from '../../src/dashboard/keys/value-text.js';
import { commitRates, type Sample, withPast } from '../../src/dashboard/live/samples.js';
import { grantsOf } from '../../src/dashboard/locks/grants.js';
import {
  endingText,
  forceWarning,
  modeText,
  queueSentence,
  whoText,
} from '../../src/dashboard/locks/wording.js';
import {
  findingsOf,
  healthySentence,
  unansweredSentence,
} from '../../src/dashboard/overview/diagnosis.js';
import { eventSentence, markLabel } from '../../src/dashboard/overview/event-text.js';

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

  test('is not that a majority is in danger when only a learner is silent', () => {
    const learner = { isLearner: true, reachable: false, silentMs: 12_400 };
    const three = [member('one', {}), member('two', {}), member('three', {})];
    assert.deepEqual(sentences(cluster([...three, member('node4', learner)])), [
      'node4 has not answered for 12 s.',
    ]);
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

describe('the charts', () => {
  const sample = (at: number, commitIndex = at): Sample => ({
    ...{ at, commitIndex, waitingForLocks: 0, waitingForElections: 0 },
    latencyMs: new Map(),
  });

  test('show what the member measured before the page was opened, and nothing twice', () => {
    const own = [101, 102, 103, 104, 105, 106].map((at) => sample(at));
    const past = [85, 90, 95, 100.5, 105.5].map((at) => sample(at));
    assert.deepEqual(
      withPast(own, past).map(({ at }) => at),
      [85, 90, 95, 101, 102, 103, 104, 105, 106],
    );
  });

  test('show what the member measured while the tab was hidden', () => {
    const own = [100, 101, 130, 131].map((at) => sample(at));
    const past = [95, 100, 105, 110, 115, 120, 125, 130].map((at) => sample(at));
    const merged = withPast(own, past);
    const times = [95, 100, 101, 105, 110, 115, 120, 125, 130, 131];
    assert.deepEqual(
      merged.map(({ at }) => at),
      times,
    );
    assert.deepEqual(commitRates(merged), [undefined, ...times.slice(1).map(() => 1)]);
  });

  test('begin anew where a member was restarted', () => {
    assert.deepEqual(commitRates([sample(1, 50), sample(2, 60), sample(3, 5)]), [
      ...[undefined, 10, undefined],
    ]);
  });
});

describe('an event in words', () => {
  const view = cluster([member('one', {}), member('two', {})]);
  const event = (changes: Partial<PastEvent>): PastEvent => ({
    ...{ type: '', at: 1, count: 1, member: undefined, term: undefined, by: undefined },
    ...{ space: undefined, name: undefined, index: undefined, value: undefined },
    ...{ client: undefined, reason: undefined },
    ...changes,
  });

  const cases: readonly (readonly [Partial<PastEvent>, string])[] = [
    [{ type: 'leaderElected', member: 'two', term: 3 }, 'two was elected, term 3.'],
    [{ type: 'leaderLost', term: 3 }, 'There was no leader any more, term 3.'],
    [{ type: 'peerLost', member: 'two' }, 'two was lost: it answered no more.'],
    [{ type: 'peerFound', member: 'two' }, 'two answered again.'],
    [{ type: 'peerRefused', member: 'two', by: 'self', reason: 'no' }, 'two was refused: no.'],
    [
      { type: 'requestsRefused', reason: 'no leader', count: 4000 },
      'A request was refused: no leader (4\u202f000 times).',
    ],
    [
      {
        type: 'forcedRelease',
        ...{ space: 'lock', name: 'door', index: 7, value: 'ann' },
        client: '10.0.0.9:4711',
      },
      'ann, token 7, was taken away from the lock door, by force, from 10.0.0.9:4711.',
    ],
  ];
  for (const [content, sentence] of cases) {
    test(`${content.type} names who and what`, () => {
      assert.equal(eventSentence(event(content), view), sentence);
    });
  }

  test('only a change of leader is marked in the charts', () => {
    const labels = cases.map(([content]) => markLabel(event(content), view));
    assert.deepEqual(labels.slice(0, 3), ['two elected, term 3', 'no leader', undefined]);
  });
});

describe('the words of locks', () => {
  test('say how many hold and wait', () => {
    assert.equal(queueSentence('lock', 0, 0, 1), 'Nobody holds it, nobody waits.');
    assert.equal(queueSentence('lock', 1, 2, 1), '1 client holds it, 2 wait.');
    assert.equal(queueSentence('lock', 3, 0, 1), '3 clients hold it, nobody waits.');
    assert.equal(queueSentence('lock', 1, 0, 3), '1 of at most 3 clients holds it, nobody waits.');
    assert.equal(queueSentence('lock', 2, 1, 3), '2 of at most 3 clients hold it, 1 waits.');
    assert.equal(queueSentence('leader', 0, 0, 1), 'Nobody leads, nobody waits.');
    assert.equal(queueSentence('leader', 1, 2, 1), '1 client leads, 2 wait.');
  });

  test('speak of the next in the queue only where there is one', () => {
    assert.doesNotMatch(forceWarning(0), /next in the queue/);
    assert.match(forceWarning(1), /the next in the queue holds it already/);
  });

  test('call a semaphore one of so many, and nobody exclusive who shares', () => {
    assert.deepEqual(
      [modeText('exclusive', 1), modeText('exclusive', 5), modeText('shared', 1)],
      ['exclusive', 'one of 5', 'shared'],
    );
  });

  test('tell a forced release from an ordinary one', () => {
    const words = ['released', 'forced', 'expired'].map(endingText);
    assert.equal(new Set(words).size, 3);
    assert.match(words[1] ?? '', /force/);
  });

  test('name a place without a value by the address of its client', () => {
    assert.equal(whoText({ value: '', client: '10.0.0.9:4711' }), '(no value) 10.0.0.9:4711');
    assert.equal(whoText({ value: 'ann', client: undefined }), 'ann');
  });
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
      events: 0,
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
    peerUrls: [],
    clientUrls: [],
    isSelf: false,
    isLearner: false,
    staysLearner: false,
    reachable: true,
    silentMs: 100,
    roundTripMs: 1,
    waitingRequests: 0,
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

test('labels of close elections stand in different rows, however many there are', () => {
  const at = (left: number) => ({ left, right: left + 60 });
  assert.deepEqual(rowsOf([0, 10, 20, 30, 64, 200].map(at), 4), [0, 1, 2, 3, 0, 0]);
  // The labels in the right half stand left of their lines, and meet those of the left half.
  assert.deepEqual(rowsOf([at(100), at(90)], 4), [0, 1]);
});
