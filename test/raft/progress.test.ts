import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIndex } from '../../src/ids.js';
import { Progress } from '../../src/raft/progress.js';
import { id } from './peer.js';

const last = logIndex(20);
const noCommit = logIndex(0);
const firstIndex = logIndex(1);

const limits = {
  inflightMax: 4,
  inflightBytesMin: 1000,
  inflightBytesMax: 10_000,
  electionTimeoutTicks: 10,
  heartbeatIntervalTicks: 3,
};

/** Four heartbeat intervals reach over an election timeout of these limits. */
const rememberedIntervals = 4;

/** Replicating, with entries up to 10 acknowledged. */
function replicating(inflightMax: number): Progress {
  const progress = new Progress(id('b'), logIndex(11), { ...limits, inflightMax });
  progress.appendSent(logIndex(10), 100, noCommit);
  progress.matched(logIndex(10), firstIndex);
  return progress;
}

function view(progress: Progress) {
  const { state, matchIndex, nextIndex, inflight } = progress.describe(0);
  return [state, matchIndex, nextIndex, inflight];
}

test('a probe is sent once, and again when the follower is heard of', () => {
  const progress = new Progress(id('b'), logIndex(11), limits);
  assert.equal(progress.due(last, noCommit), 'entries');
  assert.equal(progress.due(logIndex(10), noCommit), 'empty', 'an empty one finds out as well');
  progress.appendSent(logIndex(15), 100, noCommit);
  assert.equal(progress.due(last, noCommit), 'none');
  progress.heartbeatAnswered(0);
  assert.equal(progress.due(last, noCommit), 'empty', 'its entries may be on their way');
  progress.appendSent(logIndex(10), 0, noCommit);
  assert.equal(progress.due(last, noCommit), 'none');
  assert.equal(progress.nextIndex, 11);
  progress.matched(logIndex(10), firstIndex);
  assert.equal(progress.due(last, noCommit), 'entries', 'the first probe was lost');
});

test('a probe from another index carries entries again', () => {
  const progress = new Progress(id('b'), logIndex(11), limits);
  progress.appendSent(logIndex(15), 100, noCommit);
  progress.heartbeatAnswered(0);
  progress.refused(logIndex(10), logIndex(7));
  assert.equal(progress.due(last, noCommit), 'entries');
});

/** Sends requests of so many bytes each while there is room, and returns how many there are. */
function fill(progress: Progress, bytes: number): number {
  let requests = 0;
  while (progress.due(logIndex(1_000_000), noCommit) === 'entries') {
    progress.appendSent(progress.nextIndex, bytes, noCommit);
    requests += 1;
  }
  return requests;
}

/** Acknowledges the oldest request, each of which holds one entry here. */
function acknowledgeOne(progress: Progress): void {
  progress.matched(logIndex(progress.matchIndex + 1), firstIndex);
}

test('requests leave while fewer bytes are on their way than the window holds', () => {
  for (const { bytes, requests } of [
    { bytes: 100, requests: 10 },
    { bytes: 300, requests: 4 },
    { bytes: 999, requests: 2 },
    { bytes: 1000, requests: 1 },
    { bytes: 50_000, requests: 1 },
  ]) {
    const progress = replicating(1000);
    assert.equal(fill(progress, bytes), requests, `${bytes} bytes each`);
    const { inflightBytes, windowBytes } = progress.describe(0);
    assert.deepEqual([inflightBytes, windowBytes], [bytes * requests, 1000]);
    acknowledgeOne(progress);
    assert.equal(fill(progress, bytes) >= 1, true, 'there is room again');
  }
});

test('the window is twice what was acknowledged in the best interval, between its limits', () => {
  for (const { acknowledged, windowBytes } of [
    { acknowledged: 1, windowBytes: 1000 },
    { acknowledged: 5, windowBytes: 1000 },
    { acknowledged: 6, windowBytes: 1200 },
    { acknowledged: 30, windowBytes: 6000 },
    { acknowledged: 200, windowBytes: 10_000 },
  ]) {
    const progress = replicating(1000);
    for (let request = 0; request < acknowledged; request += 1) {
      progress.appendSent(progress.nextIndex, 100, noCommit);
      acknowledgeOne(progress);
    }
    assert.equal(progress.describe(0).windowBytes, windowBytes, `${acknowledged} in one interval`);
    for (let beat = 1; beat < rememberedIntervals; beat += 1) progress.beat();
    assert.equal(progress.describe(0).windowBytes, windowBytes, 'it is remembered');
    progress.beat();
    assert.equal(progress.describe(0).windowBytes, 1000, 'and forgotten after an election timeout');
  }
});

test('behind a link that carries one request per interval, two or the smallest window are on their way', () => {
  for (const { bytes, queued } of [
    { bytes: 400, queued: 3 },
    { bytes: 800, queued: 2 },
    { bytes: 3000, queued: 2 },
  ]) {
    const progress = replicating(1000);
    for (let interval = 0; interval < 20; interval += 1) {
      fill(progress, bytes);
      acknowledgeOne(progress);
      progress.beat();
    }
    fill(progress, bytes);
    assert.equal(progress.describe(0).inflight, queued, `${bytes} bytes each`);
  }
});

test('a follower that acknowledges at once has the largest window after three round trips', () => {
  const progress = replicating(1000);
  for (let roundTrip = 0; roundTrip < 3; roundTrip += 1) {
    for (let left = fill(progress, 100); left > 0; left -= 1) acknowledgeOne(progress);
  }
  assert.equal(progress.describe(0).windowBytes, limits.inflightBytesMax);
});

test('what is lost leaves the window, and counts as nothing acknowledged', () => {
  const progress = replicating(1000);
  fill(progress, 100);
  progress.unreachable();
  const { inflightBytes, windowBytes } = progress.describe(0);
  assert.deepEqual([inflightBytes, windowBytes], [0, 1000]);
});

test('as many requests are on their way as the window has room for', () => {
  const progress = replicating(2);
  progress.appendSent(logIndex(12), 100, noCommit);
  progress.appendSent(logIndex(14), 100, noCommit);
  assert.deepEqual(view(progress), ['replicate', 10, 15, 2]);
  assert.equal(progress.due(last, noCommit), 'none');
  progress.matched(logIndex(12), firstIndex);
  assert.deepEqual(view(progress), ['replicate', 12, 15, 1]);
  assert.equal(progress.due(last, noCommit), 'entries');
});

test('the window is empty when nothing is outstanding', () => {
  const progress = replicating(3);
  for (const end of [12, 14, 16]) progress.appendSent(logIndex(end), 100, noCommit);
  progress.matched(logIndex(16), firstIndex);
  assert.deepEqual(view(progress), ['replicate', 16, 17, 0]);
});

test('matchIndex never falls, whatever arrives late', () => {
  const progress = replicating(3);
  progress.appendSent(logIndex(12), 100, noCommit);
  assert.equal(progress.matched(logIndex(12), firstIndex), true);
  assert.equal(progress.matched(logIndex(11), firstIndex), false);
  assert.equal(progress.matched(logIndex(12), firstIndex), false);
  progress.refused(logIndex(12), logIndex(3));
  assert.deepEqual(view(progress), ['replicate', 12, 13, 0]);
});

test('a refusal lowers nextIndex, to above matchIndex at the lowest, and never raises matchIndex', () => {
  const cases = [
    { refusedAt: 14, hint: 12, nextIndex: 12 },
    { refusedAt: 14, hint: 3, nextIndex: 11 },
    { refusedAt: 14, hint: 30, nextIndex: 14 },
  ];
  for (const { refusedAt, hint, nextIndex } of cases) {
    const progress = replicating(3);
    progress.appendSent(logIndex(14), 100, noCommit);
    progress.appendSent(logIndex(16), 100, noCommit);
    progress.refused(logIndex(refusedAt), logIndex(hint));
    assert.deepEqual(view(progress), ['probe', 10, nextIndex, 0], `hint ${hint}`);
    assert.equal(progress.due(last, noCommit), 'entries', 'it tries again at once');
  }
});

test('a prober heeds only the refusal of its last probe', () => {
  const progress = replicating(3);
  progress.appendSent(logIndex(14), 100, noCommit);
  progress.refused(logIndex(14), logIndex(13));
  progress.appendSent(logIndex(20), 100, noCommit);
  progress.refused(logIndex(14), logIndex(11));
  assert.equal(progress.nextIndex, 13, 'a copy of the first refusal');
  progress.refused(logIndex(12), logIndex(11));
  assert.equal(progress.nextIndex, 11);
});

test('an unanswered window is followed by one question for each answered heartbeat', () => {
  const progress = replicating(1);
  progress.appendSent(logIndex(20), 100, noCommit);
  assert.equal(progress.due(last, noCommit), 'none');
  progress.heartbeatAnswered(0);
  assert.equal(progress.due(last, noCommit), 'empty', 'even though the window is full');
  progress.appendSent(logIndex(20), 100, noCommit);
  assert.equal(progress.due(last, noCommit), 'none');
  assert.deepEqual(view(progress), ['replicate', 10, 21, 1]);
});

test('with nothing outstanding a heartbeat is followed by nothing', () => {
  const progress = replicating(1);
  progress.heartbeatAnswered(0);
  assert.equal(progress.due(logIndex(10), noCommit), 'none');
});

test('a follower is told of a commit once, when it holds the entries', () => {
  const progress = replicating(2);
  const end = logIndex(10);
  assert.equal(progress.due(end, logIndex(9)), 'commit');
  progress.commitSent(logIndex(9));
  assert.equal(progress.due(end, logIndex(9)), 'none');
  assert.equal(progress.due(end, logIndex(10)), 'commit');
  progress.commitSent(logIndex(10));
  assert.equal(progress.due(end, logIndex(15)), 'none', 'it cannot commit what it lacks');
  progress.commitSent(logIndex(9));
  assert.equal(progress.due(end, logIndex(10)), 'none', 'a lower one takes nothing back');
});

test('a full window holds back the news of a commit as well', () => {
  const progress = replicating(1);
  progress.appendSent(last, 100, noCommit);
  assert.equal(progress.due(last, last), 'none');
});

test('what was told before a loss is told again', () => {
  const progress = replicating(2);
  progress.appendSent(logIndex(10), 100, logIndex(10));
  progress.unreachable();
  progress.appendSent(logIndex(10), 100, noCommit);
  progress.matched(logIndex(10), firstIndex);
  assert.equal(progress.due(logIndex(10), logIndex(10)), 'commit');
});

test('what finds out about a loss tells the commit as well', () => {
  const progress = replicating(1);
  progress.appendSent(logIndex(10), 100, noCommit);
  progress.appendSent(logIndex(12), 100, noCommit);
  progress.heartbeatAnswered(0);
  assert.equal(progress.due(logIndex(12), logIndex(10)), 'empty');
  progress.appendSent(logIndex(12), 0, logIndex(10));
  progress.matched(logIndex(12), firstIndex);
  assert.equal(progress.due(logIndex(12), logIndex(10)), 'none');
});

test('an unreachable follower is probed from behind what it has acknowledged', () => {
  const progress = replicating(2);
  progress.appendSent(logIndex(12), 100, noCommit);
  progress.unreachable();
  assert.deepEqual(view(progress), ['probe', 10, 11, 0]);
});

test('nothing is sent beside a snapshot, and no loss ends it', () => {
  const progress = replicating(2);
  progress.snapshotSent(logIndex(15));
  progress.heartbeatAnswered(0);
  progress.unreachable();
  progress.refused(logIndex(14), logIndex(11));
  assert.deepEqual(view(progress), ['snapshot', 10, 11, 0]);
  assert.equal(progress.due(last, last), 'none');
});

test('after a snapshot the follower is probed, once it is heard of', () => {
  for (const { delivered, nextIndex } of [
    { delivered: true, nextIndex: 16 },
    { delivered: false, nextIndex: 11 },
  ]) {
    const progress = replicating(2);
    progress.snapshotSent(logIndex(15));
    progress.snapshotReported(delivered);
    assert.deepEqual(view(progress), ['probe', 10, nextIndex, 0]);
    assert.equal(progress.due(last, noCommit), 'none');
    progress.heartbeatAnswered(0);
    assert.equal(progress.due(last, noCommit), 'entries');
  }
});

test('an acknowledgement that reaches the log ends a snapshot, whichever snapshot it came from', () => {
  for (const { matchIndex, state } of [
    { matchIndex: 12, state: 'snapshot' },
    { matchIndex: 13, state: 'replicate' },
    { matchIndex: 18, state: 'replicate' },
  ]) {
    const progress = replicating(2);
    progress.snapshotSent(logIndex(15));
    progress.matched(logIndex(matchIndex), logIndex(14));
    assert.equal(progress.describe(0).state, state, `match ${matchIndex}`);
  }
});

test('a report about a snapshot that is over changes nothing', () => {
  const progress = replicating(2);
  progress.snapshotReported(false);
  assert.deepEqual(view(progress), ['replicate', 10, 11, 0]);
});

test('the commit index travels alone only when no request is on its way', () => {
  const progress = replicating(3);
  const commit = logIndex(10);
  assert.equal(progress.due(logIndex(10), commit), 'commit');
  progress.appendSent(logIndex(12), 100, noCommit);
  assert.equal(progress.due(logIndex(12), commit), 'none');
  progress.matched(logIndex(12), firstIndex);
  assert.equal(progress.due(logIndex(12), commit), 'commit');
  progress.commitSent(commit);
  assert.equal(progress.due(logIndex(12), commit), 'none', 'it was told');
});
