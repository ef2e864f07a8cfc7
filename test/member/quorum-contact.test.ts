import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type MemberId, term } from '../../src/ids.js';
import { type ProposeOptions, UnavailableError } from '../../src/member/coordinator.js';
import type { MemberOptions } from '../../src/member/options.js';
import type { PeerContact } from '../../src/view/peer-contact.js';
import { set } from '../store/commands.js';
import { settle } from '../support/settle.js';
import { unusedTransport } from './member-options.js';
import { otherPeer, peer, self } from './members.js';
import { PartsRig } from './parts-rig.js';

const write = set('/a', '1');

function reachable(...members: readonly MemberId[]): ReadonlyMap<MemberId, PeerContact> {
  const contact = { silentMs: 0, roundTripMs: 1, status: undefined, fault: undefined };
  return new Map(
    [peer, otherPeer].map((member) => [
      member,
      { ...contact, refusal: undefined, reachable: members.includes(member) },
    ]),
  );
}

/** One of three members; the test says whom it reaches. */
class Rig {
  contacts = reachable();
  readonly failures: UnavailableError[] = [];
  readonly parts: PartsRig;

  constructor() {
    const transport = { ...unusedTransport, contacts: () => this.contacts, forward: () => {} };
    const initialConfiguration = { voters: [self, peer, otherPeer], learners: [] };
    const options: Partial<MemberOptions> = { initialConfiguration, transport };
    this.parts = new PartsRig(options);
  }

  get electionTimeoutMs(): number {
    return this.parts.options.limits.electionTimeoutMs;
  }

  write(timeoutMs: number, options?: ProposeOptions): void {
    this.#note(this.parts.parts.submissions.propose(write, timeoutMs, options));
  }

  read(): void {
    this.#note(this.parts.parts.submissions.readBarrier(60_000));
  }

  pass(ms: number): Promise<void> {
    this.parts.clock.advance(ms);
    this.parts.parts.submissions.tick();
    return settle();
  }

  #note(asked: Promise<unknown>): void {
    asked.catch((error: unknown) => {
      assert.ok(error instanceof UnavailableError);
      this.failures.push(error);
    });
  }
}

describe('a member that knows no leader and reaches no majority', () => {
  test('lets clients wait for an election timeout, and then no longer', async () => {
    const rig = new Rig();
    rig.write(60_000);
    rig.read();
    await rig.pass(rig.electionTimeoutMs - 1);
    assert.deepEqual(rig.failures, []);
    await rig.pass(1);
    assert.deepEqual(
      rig.failures.map(({ message, outcome }) => [message, outcome]),
      Array.from({ length: 2 }, () => [
        'no leader is known, and 0 of the 2 other members answer this one, too few to elect one',
        'none',
      ]),
    );
  });

  test('answers at once from then on, until it reaches a majority', async () => {
    const rig = new Rig();
    await rig.pass(rig.electionTimeoutMs);
    rig.write(60_000);
    rig.read();
    await settle();
    assert.equal(rig.failures.length, 2);
    rig.contacts = reachable(otherPeer);
    rig.write(60_000);
    rig.read();
    await rig.pass(1000);
    assert.equal(rig.failures.length, 2);
  });

  test('says of a command that a leader was handed that it may take effect', async () => {
    const rig = new Rig();
    rig.parts.observe({ leaderId: peer, currentTerm: term(2) });
    rig.write(60_000);
    rig.parts.parts.submissions.submit();
    await rig.pass(1000);
    rig.parts.observe({ leaderId: undefined, currentTerm: term(2) });
    await rig.pass(rig.electionTimeoutMs);
    assert.deepEqual(
      rig.failures.map(({ outcome }) => outcome),
      ['unknown'],
    );
  });

  test('keeps a command that waits for ever, once it was handed to a leader, and says so', async () => {
    const rig = new Rig();
    rig.parts.observe({ leaderId: peer, currentTerm: term(2) });
    let losses = 0;
    const onQuorumLoss = () => {
      losses += 1;
    };
    rig.write(Number.POSITIVE_INFINITY, { unsentTimeoutMs: 60_000, onQuorumLoss });
    rig.parts.parts.submissions.submit();
    rig.parts.observe({ leaderId: undefined, currentTerm: term(2) });
    rig.write(Number.POSITIVE_INFINITY, { unsentTimeoutMs: 60_000 });
    rig.write(Number.POSITIVE_INFINITY);
    await rig.pass(rig.electionTimeoutMs - 1);
    assert.equal(losses, 0);
    await rig.pass(1);
    assert.equal(losses, 1);
    assert.deepEqual(
      rig.failures.map(({ outcome }) => outcome),
      ['none'],
    );
  });
});

test('a member that reaches a majority waits for its election, however long that takes', async () => {
  const rig = new Rig();
  rig.contacts = reachable(peer);
  rig.write(60_000);
  await rig.pass(50_000);
  assert.deepEqual(rig.failures, []);
});

test('a member that knows its leader waits for it, whoever else can be reached', async () => {
  const rig = new Rig();
  rig.parts.observe({ leaderId: peer, currentTerm: term(2) });
  rig.read();
  await rig.pass(50_000);
  assert.deepEqual(rig.failures, []);
});
