import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEnvelope, sealEnvelope } from '../../src/command/codec.js';
import { memberId, term } from '../../src/ids.js';
import { UnavailableError } from '../../src/member/coordinator.js';
import { Proposals } from '../../src/member/proposals.js';
import { ManualClock } from './manual-clock.js';

const self = memberId('1'.repeat(16));
const peer = memberId('2'.repeat(16));
const leader = { leaderId: peer, term: term(1), isSelf: false };
const command = { type: 'clock' } as const;
const done = { type: 'done', etcdIndex: 3 } as const;

function setUp(pendingMax: number) {
  const clock = new ManualClock(0);
  return { clock, proposals: new Proposals(self, 7, clock, pendingMax) };
}

function originOf(bytes: Uint8Array | undefined) {
  assert.ok(bytes !== undefined);
  return openEnvelope(sealEnvelope({ clusterTimeMs: 0, appliedIndex: 0 }, bytes)).origin;
}

test('each command carries who asked, and what is settled already', async () => {
  const { proposals } = setUp(10);
  const first = proposals.add(command, 1000);
  const second = proposals.add(command, 1000);
  const [one, two] = proposals.takeUnsent();
  assert.deepEqual(originOf(one?.command), {
    memberId: self,
    boot: 7,
    sequence: 1,
    settledBelow: 1,
  });
  assert.equal(originOf(two?.command)?.settledBelow, 1);
  proposals.settle(1, done);
  proposals.settle(2, done);
  assert.deepEqual(await first, { result: done, sequence: 1 });
  assert.equal((await second).sequence, 2);
  proposals.add(command, 1000).catch(() => {});
  assert.equal(originOf(proposals.takeUnsent()[0]?.command)?.settledBelow, 3);
  proposals.close();
});

test('a new leader is handed everything that is not settled, an accepted command too', () => {
  const { proposals } = setUp(10);
  for (let i = 0; i < 3; i += 1) proposals.add(command, 1000).catch(() => {});
  assert.equal(proposals.takeUnsent().length, 3);
  proposals.onResponse({ type: 'accepted', id: 2 });
  proposals.settle(1, done);
  assert.equal(proposals.takeUnsent().length, 0);
  proposals.onLeaderChange(leader);
  assert.deepEqual(
    proposals.takeUnsent().map(({ id }) => id),
    [2, 3],
  );
  proposals.close();
});

test('a command is sent again with the same sequence when no leader confirms it', () => {
  const { clock, proposals } = setUp(10);
  proposals.add(command, 10_000).catch(() => {});
  const [first] = proposals.takeUnsent();
  clock.advance(499);
  proposals.tick(500);
  assert.equal(proposals.hasUnsent, false);
  clock.advance(1);
  proposals.tick(500);
  const [second] = proposals.takeUnsent();
  assert.deepEqual(second, first);
  proposals.close();
});

test('a refused command is handed over again at the next tick, not at once', () => {
  const { proposals } = setUp(10);
  proposals.add(command, 10_000).catch(() => {});
  const [first] = proposals.takeUnsent();
  proposals.onResponse({ type: 'notLeader', id: 1 });
  assert.equal(proposals.hasUnsent, false);
  proposals.tick(500);
  assert.deepEqual(proposals.takeUnsent(), [first]);
  proposals.close();
});

test('a refused command is handed to another leader as soon as there is one', () => {
  const { proposals } = setUp(10);
  proposals.add(command, 10_000).catch(() => {});
  const [first] = proposals.takeUnsent();
  proposals.onResponse({ type: 'busy', id: 1 });
  proposals.onLeaderChange(leader);
  assert.deepEqual(proposals.takeUnsent(), [first]);
  proposals.close();
});

test('an accepted command is not sent again while its leader leads', () => {
  const { clock, proposals } = setUp(10);
  proposals.add(command, 10_000).catch(() => {});
  proposals.takeUnsent();
  proposals.onResponse({ type: 'accepted', id: 1 });
  clock.advance(5000);
  proposals.tick(500);
  assert.equal(proposals.hasUnsent, false);
  proposals.close();
});

test('a command that no leader was handed has no effect, and the error says so', async () => {
  const { clock, proposals } = setUp(10);
  const unsent = proposals.add(command, 1000);
  clock.advance(1000);
  proposals.tick(500);
  await assert.rejects(unsent, (error: unknown) => {
    assert.ok(error instanceof UnavailableError);
    assert.equal(error.outcome, 'none');
    return true;
  });
  assert.equal(proposals.takeUnsent().length, 0);
});

test('a command that some leader was handed may still take effect, and the error says so', async () => {
  const { clock, proposals } = setUp(10);
  const sent = proposals.add(command, 1000);
  proposals.takeUnsent();
  clock.advance(1000);
  proposals.tick(5000);
  await assert.rejects(sent, (error: unknown) => {
    assert.ok(error instanceof UnavailableError);
    assert.equal(error.outcome, 'unknown');
    return true;
  });
});

test('a member takes no more commands than it may keep waiting', async () => {
  const { proposals } = setUp(1);
  const first = proposals.add(command, 1000);
  await assert.rejects(proposals.add(command, 1000), UnavailableError);
  proposals.settle(1, done);
  await first;
});

test('a snapshot that holds the result settles a command whose entry was never seen', async () => {
  const { proposals } = setUp(10);
  const skipped = proposals.add(command, 1000);
  const later = proposals.add(command, 1000);
  later.catch(() => {});
  proposals.takeUnsent();
  proposals.settleFrom((sequence) => (sequence === 1 ? done : undefined));
  assert.deepEqual(await skipped, { result: done, sequence: 1 });
  proposals.close();
});
