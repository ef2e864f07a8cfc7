import assert from 'node:assert/strict';
import { test } from 'node:test';
import { term } from '../../src/ids.js';
import { UnavailableError } from '../../src/member/coordinator.js';
import { defaultLimits, type MemberLimits } from '../../src/member/options.js';
import { Proposals } from '../../src/member/proposals.js';
import { set } from '../store/commands.js';
import { ManualClock } from '../support/manual-clock.js';
import { decodeEnvelope, encodeEnvelope } from '../support/release-codec.js';
import { self } from './members.js';

const command = { type: 'advanceClock' } as const;
const write = set('/k', 'v');
const large = set('/k', 'x'.repeat(1000));
const resendAfter = { sentMs: 500, acceptedMs: 2000 } as const;
const done = { type: 'done', etcdIndex: 3 } as const;

function setUp(limits: Partial<MemberLimits> = {}) {
  const clock = new ManualClock(0);
  const log = { uncommittedBytes: 0 };
  const proposals = new Proposals(
    self,
    7,
    clock,
    { ...defaultLimits, pendingBytesMin: 0, ...limits },
    () => 2,
    () => log.uncommittedBytes,
  );
  return { clock, log, proposals };
}

function originOf(bytes: Uint8Array | undefined) {
  assert.ok(bytes !== undefined);
  return decodeEnvelope(encodeEnvelope({ clusterTimeMs: 0, appliedIndex: 0 }, bytes)).origin;
}

test('each command carries who asked, and what is settled already', async () => {
  const { proposals } = setUp();
  const identity = { name: 'alice', revision: 5 };
  const first = proposals.add(command, 1000);
  const second = proposals.add(command, 1000, { identity });
  const [one, two] = proposals.takeUnsent(term(1));
  assert.deepEqual(originOf(one?.command), {
    memberId: self,
    boot: 7,
    sequence: 1,
    settledBelow: 1,
    identity: undefined,
  });
  assert.deepEqual(originOf(two?.command)?.identity, identity);
  assert.equal(originOf(two?.command)?.settledBelow, 1);
  proposals.settle(1, done);
  proposals.settle(2, done);
  assert.deepEqual(await first, { result: done, sequence: 1 });
  assert.equal((await second).sequence, 2);
  proposals.add(command, 1000).catch(() => {});
  assert.equal(originOf(proposals.takeUnsent(term(1))[0]?.command)?.settledBelow, 3);
  proposals.close();
});

test('a new leader is handed everything that is not settled, an accepted command too', () => {
  const { proposals } = setUp();
  for (let i = 0; i < 3; i += 1) proposals.add(command, 1000).catch(() => {});
  assert.equal(proposals.takeUnsent(term(1)).length, 3);
  proposals.onResponse({ type: 'accepted', id: 2 });
  proposals.settle(1, done);
  assert.equal(proposals.takeUnsent(term(1)).length, 0);
  proposals.onNewLeader();
  assert.deepEqual(
    proposals.takeUnsent(term(1)).map(({ id }) => id),
    [2, 3],
  );
  proposals.close();
});

test('a command is sent again with the same sequence when no leader confirms it', () => {
  const { clock, proposals } = setUp();
  proposals.add(command, 10_000).catch(() => {});
  const [first] = proposals.takeUnsent(term(1));
  clock.advance(499);
  proposals.tick(resendAfter);
  assert.deepEqual(proposals.takeUnsent(term(1)), []);
  clock.advance(1);
  proposals.tick(resendAfter);
  const [second] = proposals.takeUnsent(term(1));
  assert.deepEqual(second, first);
  proposals.close();
});

test('a refused command is handed over again at the next tick, not at once', () => {
  const { proposals } = setUp();
  proposals.add(command, 10_000).catch(() => {});
  const [first] = proposals.takeUnsent(term(1));
  proposals.onResponse({ type: 'notLeader', id: 1 });
  assert.deepEqual(proposals.takeUnsent(term(1)), []);
  proposals.tick(resendAfter);
  assert.deepEqual(proposals.takeUnsent(term(1)), [first]);
  proposals.close();
});

test('a refused command is handed to another leader as soon as there is one', () => {
  const { proposals } = setUp();
  proposals.add(command, 10_000).catch(() => {});
  const [first] = proposals.takeUnsent(term(1));
  proposals.onResponse({ type: 'busy', id: 1 });
  proposals.onNewLeader();
  assert.deepEqual(proposals.takeUnsent(term(1)), [first]);
  proposals.close();
});

test('an accepted command is handed to the same leader again, slowly and with the same sequence', () => {
  const { clock, proposals } = setUp();
  proposals.add(command, Number.POSITIVE_INFINITY).catch(() => {});
  const first = proposals.takeUnsent(term(1));
  for (let round = 0; round < 3; round += 1) {
    proposals.onResponse({ type: 'accepted', id: 1 });
    clock.advance(1999);
    proposals.tick(resendAfter);
    assert.deepEqual(proposals.takeUnsent(term(1)), []);
    clock.advance(1);
    proposals.tick(resendAfter);
    assert.deepEqual(proposals.takeUnsent(term(1)), first);
  }
  proposals.close();
});

test('a command that no leader was handed has no effect, and the error says so', async () => {
  const { clock, proposals } = setUp();
  const unsent = proposals.add(command, 1000);
  clock.advance(1000);
  proposals.tick(resendAfter);
  await assert.rejects(unsent, (error: unknown) => {
    assert.ok(error instanceof UnavailableError);
    assert.equal(error.outcome, 'none');
    return true;
  });
  assert.equal(proposals.takeUnsent(term(1)).length, 0);
});

test('a command that some leader was handed may still take effect, and the error says so', async () => {
  const { clock, proposals } = setUp();
  const sent = proposals.add(command, 1000);
  proposals.takeUnsent(term(1));
  clock.advance(1000);
  proposals.tick(resendAfter);
  await assert.rejects(sent, (error: unknown) => {
    assert.ok(error instanceof UnavailableError);
    assert.equal(error.outcome, 'unknown');
    return true;
  });
});

test('a member takes no more commands than it may keep waiting', async () => {
  const { proposals } = setUp({ pendingProposalsMax: 1 });
  const first = proposals.add(command, 1000);
  await assert.rejects(proposals.add(command, 1000), UnavailableError);
  proposals.settle(1, done);
  await first;
});

test('a snapshot that holds the result settles a command whose entry was never seen', async () => {
  const { proposals } = setUp();
  const skipped = proposals.add(command, 1000);
  const later = proposals.add(command, 1000);
  later.catch(() => {});
  proposals.takeUnsent(term(1));
  proposals.settleFrom((sequence) => (sequence === 1 ? done : undefined));
  assert.deepEqual(await skipped, { result: done, sequence: 1 });
  proposals.close();
});

test('a member takes no more bytes of commands than it may keep waiting', async () => {
  const { proposals } = setUp({ pendingBytesMax: 2500 });
  const first = proposals.add(large, 1000);
  proposals.add(large, 1000).catch(() => {});
  await assert.rejects(proposals.add(large, 1000), (error: unknown) => {
    assert.ok(error instanceof UnavailableError);
    assert.equal(error.outcome, 'none');
    assert.match(error.message, /no room/);
    return true;
  });
  proposals.add(command, 1000).catch(() => {});
  proposals.settle(1, done);
  await first;
  const third = proposals.add(large, 1000);
  assert.deepEqual(
    proposals.takeUnsent(term(1)).map(({ id }) => id),
    [2, 3, 4],
  );
  proposals.settle(4, done);
  assert.equal((await third).sequence, 4);
  proposals.close();
});

test('what the log has uncommitted leaves less room, but some for small commands', async () => {
  const { proposals, log } = setUp({ pendingBytesMax: 5000, pendingBytesMin: 200 });
  proposals.add(command, 1000).catch(() => {});
  log.uncommittedBytes = 4500;
  await assert.rejects(proposals.add(large, 1000), UnavailableError);
  log.uncommittedBytes = 5000;
  proposals.add(command, 1000).catch(() => {});
  await assert.rejects(proposals.add(large, 1000), UnavailableError);
  log.uncommittedBytes = 3500;
  proposals.add(large, 1000).catch(() => {});
  assert.equal(proposals.takeUnsent(term(1)).length, 3);
  proposals.close();
});

test("a command in the own log counts there alone, until it must be handed to another's", async () => {
  const { proposals } = setUp({ pendingBytesMax: 2500 });
  for (let i = 0; i < 2; i += 1) proposals.add(large, 1000).catch(() => {});
  for (const { id, command: bytes } of proposals.takeUnsent(term(1))) {
    proposals.onAppended(id, Uint8Array.from(bytes));
  }
  const third = proposals.add(large, 1000);
  proposals.settle(3, done);
  await third;
  proposals.onNewLeader();
  await assert.rejects(proposals.add(large, 1000), UnavailableError);
  for (const { id, command: bytes } of proposals.takeUnsent(term(2))) {
    proposals.onAppended(id, bytes);
  }
  for (const sequence of [1, 2]) proposals.settle(sequence, done);
  for (let i = 0; i < 2; i += 1) proposals.add(large, 1000).catch(() => {});
  await assert.rejects(proposals.add(large, 1000), UnavailableError);
  proposals.close();
});

test('an appended command keeps the memory of its entry, and no copy beside it', () => {
  const { proposals } = setUp();
  proposals.add(large, 1000).catch(() => {});
  const [sent] = proposals.takeUnsent(term(1));
  assert.ok(sent !== undefined);
  const inLog = Uint8Array.from(sent.command);
  proposals.onAppended(sent.id, inLog);
  proposals.onNewLeader();
  assert.equal(proposals.takeUnsent(term(2))[0]?.command, inLog);
  proposals.close();
});

test('a command of any size is taken where nothing waits, again and again', async () => {
  const { clock, proposals } = setUp({ pendingBytesMax: 10 });
  for (let round = 0; round < 2; round += 1) {
    const only = proposals.add(large, 1000);
    assert.equal(proposals.takeUnsent(term(1)).length, 1);
    await assert.rejects(proposals.add(large, 1000), UnavailableError);
    clock.advance(1000);
    proposals.tick(resendAfter);
    await assert.rejects(only, UnavailableError);
  }
});

test('a command that has failed is not kept for a leader who may never come', async () => {
  const { clock, proposals } = setUp();
  const failed = proposals.add(large, 1000);
  clock.advance(1000);
  proposals.tick(resendAfter);
  await assert.rejects(failed, UnavailableError);
  assert.deepEqual(proposals.takeUnsent(term(1)), []);
});

test('an idle member has results to settle once, until it has said so', async () => {
  const { clock, proposals } = setUp();
  const written = proposals.add(write, 1000);
  proposals.takeUnsent(term(1));
  clock.advance(2000);
  assert.equal(proposals.mustTellSettled(1000), false);
  proposals.settle(1, done);
  await written;
  assert.equal(proposals.mustTellSettled(1000), false);
  clock.advance(1000);
  assert.equal(proposals.mustTellSettled(1000), true);
  const told = proposals.add({ type: 'keepAlive' }, 1000);
  assert.equal(originOf(proposals.takeUnsent(term(1))[0]?.command)?.settledBelow, 2);
  proposals.settle(2, done);
  await told;
  clock.advance(60_000);
  assert.equal(proposals.mustTellSettled(1000), false);
});

test('results are to be settled also where the command that would have said so was lost', async () => {
  const { clock, proposals } = setUp();
  proposals.add(write, 1000).catch(() => {});
  proposals.takeUnsent(term(1));
  proposals.settle(1, done);
  proposals.add({ type: 'keepAlive' }, 1000).catch(() => {});
  proposals.takeUnsent(term(1));
  clock.advance(1000);
  proposals.tick(resendAfter);
  clock.advance(1000);
  assert.equal(proposals.mustTellSettled(1000), true);
});

test('what no leader was ever handed leaves no result to settle', async () => {
  const { clock, proposals } = setUp();
  const failed = proposals.add(write, 1000);
  clock.advance(1000);
  proposals.tick(resendAfter);
  await assert.rejects(failed, UnavailableError);
  clock.advance(1000);
  assert.equal(proposals.mustTellSettled(1000), false);
});

test('a command that may wait for ever once it was sent fails in time where nobody can be asked', async () => {
  const { clock, proposals } = setUp();
  const first = proposals.add(write, Number.POSITIVE_INFINITY, { unsentTimeoutMs: 1000 });
  proposals.takeUnsent(term(1));
  const unsent = proposals.add(write, Number.POSITIVE_INFINITY, { unsentTimeoutMs: 1000 });
  clock.advance(1000);
  proposals.tick(resendAfter);
  await assert.rejects(unsent, (error: unknown) => {
    assert.ok(error instanceof UnavailableError);
    assert.equal(error.outcome, 'none');
    return true;
  });
  clock.advance(1_000_000);
  proposals.tick(resendAfter);
  proposals.settle(1, done);
  assert.equal((await first).sequence, 1);
});
