import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIndex, memberId, term } from '../../src/ids.js';
import { AppendMeter } from '../../src/member/append-meter.js';
import { LatencyMeter } from '../../src/member/latency-meter.js';
import { TrafficMeter } from '../../src/member/traffic-meter.js';
import type { AppendEntriesRequest, AppendEntriesResponse } from '../../src/raft/messages.js';

const self = memberId('aaaaaaaaaaaaaaaa');
const peer = memberId('bbbbbbbbbbbbbbbb');

function request(prevLogIndex: number, sizes: readonly number[]): AppendEntriesRequest {
  return {
    type: 'AppendEntriesRequest',
    from: self,
    to: peer,
    term: term(1),
    prevLogIndex: logIndex(prevLogIndex),
    prevLogTerm: term(1),
    leaderCommit: logIndex(0),
    entries: sizes.map((size, position) => ({
      index: logIndex(prevLogIndex + 1 + position),
      term: term(1),
      type: 'command',
      data: Buffer.alloc(size),
    })),
  };
}

function answer(prevLogIndex: number, matchIndex: number, success = true): AppendEntriesResponse {
  return {
    type: 'AppendEntriesResponse',
    from: peer,
    to: self,
    term: term(1),
    success,
    prevLogIndex: logIndex(prevLogIndex),
    matchIndex: logIndex(matchIndex),
    conflictTerm: term(0),
    conflictIndex: logIndex(0),
  };
}

function answersOf(meter: AppendMeter) {
  return meter.describe(0).followers.get(peer);
}

test('the latency of a request is the time until its own answer, with others on their way', () => {
  const meter = new AppendMeter();
  meter.sent(request(0, [1, 1]), 10);
  meter.sent(request(2, [1]), 12);
  meter.received(answer(0, 2), 15);
  assert.equal(answersOf(meter)?.latencyMs.current, 5);
  meter.received(answer(2, 3), 40);
  assert.deepEqual(answersOf(meter), {
    answered: 2,
    lost: 0,
    latencyMs: { current: 28, average: 16.5, standardDeviation: 11.5, minimum: 5, maximum: 28 },
  });
});

test('a refusal is an answer too', () => {
  const meter = new AppendMeter();
  meter.sent(request(7, []), 1);
  meter.received(answer(7, 0, false), 3);
  assert.equal(answersOf(meter)?.answered, 1);
  assert.equal(answersOf(meter)?.latencyMs.current, 2);
});

test('a request that a later one overtakes is lost', () => {
  const meter = new AppendMeter();
  meter.sent(request(0, [1]), 1);
  meter.sent(request(1, [1]), 2);
  meter.received(answer(1, 2), 4);
  assert.deepEqual([answersOf(meter)?.answered, answersOf(meter)?.lost], [1, 1]);
});

test('what a peer has not answered when it is lost is never answered', () => {
  const meter = new AppendMeter();
  meter.sent(request(0, [1]), 1);
  meter.lost(peer);
  meter.received(answer(0, 1), 2);
  assert.deepEqual([answersOf(meter)?.answered, answersOf(meter)?.lost], [0, 1]);
});

test('an answer that nobody awaits counts for nothing', () => {
  const meter = new AppendMeter();
  meter.received(answer(0, 1), 2);
  meter.sent(request(5, [1]), 3);
  meter.received(answer(0, 1), 4);
  meter.received(answer(5, 5), 4);
  assert.deepEqual([answersOf(meter)?.answered, answersOf(meter)?.lost], [0, 0]);
});

test('a follower that never answers costs bounded memory', () => {
  const meter = new AppendMeter();
  for (let index = 0; index < 1000; index += 1) meter.sent(request(index, [1]), index);
  assert.equal(answersOf(meter)?.lost, 1000 - 256);
  meter.lost(peer);
  assert.equal(answersOf(meter)?.lost, 1000);
});

test('whoever leads no more has no followers', () => {
  const meter = new AppendMeter();
  meter.sent(request(0, [1]), 1);
  meter.forgetFollowers();
  meter.received(answer(0, 1), 2);
  assert.equal(meter.describe(2).followers.size, 0);
  assert.equal(meter.describe(2).appendsSent.count, 1);
});

test('received requests are counted with the bytes of their entries', () => {
  const meter = new AppendMeter();
  meter.received(request(0, [100, 200]), 1000);
  meter.received(request(2, [300]), 1500);
  const { appendsReceived, appendsSent } = meter.describe(1500);
  assert.deepEqual(appendsReceived, { count: 2, perSecond: 4, bytesPerSecond: 1200 });
  assert.deepEqual(appendsSent, { count: 0, perSecond: 0, bytesPerSecond: 0 });
});

test('a rate is that of the newest requests, and zero after a second of silence', () => {
  const meter = new TrafficMeter();
  for (let count = 0; count < 1000; count += 1) meter.add(1_000_000, count * 100);
  for (let count = 0; count < 200; count += 1) meter.add(10, 100_000 + count);
  const { count, perSecond, bytesPerSecond } = meter.describe(100_200);
  assert.equal(count, 1200);
  assert.equal(Math.round(perSecond), Math.round(200 / 0.199));
  assert.equal(Math.round(bytesPerSecond), Math.round(2000 / 0.199));
  assert.deepEqual(meter.describe(101_300), { count: 1200, perSecond: 0, bytesPerSecond: 0 });
});

test('before the first answer there is no latency', () => {
  assert.deepEqual(new LatencyMeter().describe(), {
    current: 0,
    average: 0,
    standardDeviation: 0,
    minimum: 0,
    maximum: 0,
  });
});
