import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIndex, type MemberId, term } from '../../src/ids.js';
import { Leadership } from '../../src/member/leadership.js';
import type { SoftState } from '../../src/raft/ready.js';
import { ManualClock } from '../support/manual-clock.js';
import { settle } from '../support/settle.js';
import { otherPeer, peer, self } from './members.js';

function led(leaderId: MemberId | undefined, inTerm: number): SoftState {
  return {
    role: leaderId === self ? 'leader' : 'follower',
    currentTerm: term(inTerm),
    leaderId,
    commitIndex: logIndex(0),
    lastIndex: logIndex(0),
  };
}

function setUp() {
  const clock = new ManualClock(0);
  return { clock, leadership: new Leadership(clock) };
}

/** A wait, and whether it has ended. */
function waitFor(leadership: Leadership, timeoutMs: number): { readonly hasEnded: boolean } {
  const wait = { hasEnded: false };
  leadership
    .untilLeads((id) => id !== self, timeoutMs)
    .then(
      () => {
        wait.hasEnded = true;
      },
      (error: unknown) => assert.fail(String(error)),
    );
  return wait;
}

test('another leader, another term of the same one and the loss of it are changes, and nothing else is', () => {
  const { leadership } = setUp();
  const changed = [
    led(undefined, 0),
    led(undefined, 1),
    led(peer, 1),
    led(peer, 1),
    led(peer, 2),
    led(otherPeer, 2),
    led(undefined, 2),
    led(undefined, 3),
  ].map((soft) => leadership.observe(soft));
  assert.deepEqual(changed, [false, false, true, false, true, true, true, false]);
  assert.equal(leadership.changes, 3);
});

test('a member knows since when it has known its leader', () => {
  const { clock, leadership } = setUp();
  clock.advance(10);
  leadership.observe(led(peer, 1));
  clock.advance(10);
  leadership.observe(led(peer, 1));
  assert.equal(leadership.since, 10);
  assert.deepEqual(leadership.leader, { leaderId: peer, term: 1, isSelf: false });
});

test('a member leads in one term, and in none that another leads', () => {
  const { leadership } = setUp();
  leadership.observe(led(self, 2));
  assert.deepEqual(
    [1, 2, 3].map((each) => leadership.leadsIn(term(each))),
    [false, true, false],
  );
  leadership.observe(led(peer, 3));
  assert.equal(leadership.leadsIn(term(3)), false);
});

test('only the first entry of the term in which it leads tells a member that it has applied all before', () => {
  const { leadership } = setUp();
  leadership.observe(led(self, 2));
  assert.equal(leadership.onNoopApplied(term(1)), false);
  assert.equal(leadership.appliedTerm, undefined);
  assert.equal(leadership.onNoopApplied(term(2)), true);
  assert.equal(leadership.appliedTerm, 2);
  leadership.observe(led(peer, 3));
  assert.equal(leadership.onNoopApplied(term(3)), false);
});

test('what a member had applied in an earlier term says nothing about a later one', () => {
  const { leadership } = setUp();
  leadership.observe(led(self, 2));
  leadership.onNoopApplied(term(2));
  leadership.observe(led(self, 3));
  assert.equal(leadership.appliedTerm, undefined);
});

test('a wait for another leader ends when one is known, not when there is none', async () => {
  const { clock, leadership } = setUp();
  leadership.observe(led(self, 1));
  const wait = waitFor(leadership, 1000);
  leadership.observe(led(undefined, 2));
  clock.advance(999);
  await settle();
  assert.equal(wait.hasEnded, false);
  leadership.observe(led(peer, 2));
  await settle();
  assert.equal(wait.hasEnded, true);
  assert.equal(clock.timerCount, 0);
});

test('where another leads already there is nothing to wait for', async () => {
  const { clock, leadership } = setUp();
  leadership.observe(led(peer, 1));
  await leadership.untilLeads((id) => id !== self, 1000);
  assert.equal(clock.timerCount, 0);
});

test('a wait for another leader ends at its deadline', async () => {
  const { clock, leadership } = setUp();
  leadership.observe(led(self, 1));
  const wait = waitFor(leadership, 1000);
  clock.advance(1000);
  await settle();
  assert.equal(wait.hasEnded, true);
});

test('a member that stops ends the waits, and leaves no timer', async () => {
  const { clock, leadership } = setUp();
  leadership.observe(led(self, 1));
  const waits = [waitFor(leadership, 1000), waitFor(leadership, 2000)];
  leadership.close();
  await settle();
  assert.deepEqual(
    waits.map(({ hasEnded }) => hasEnded),
    [true, true],
  );
  assert.equal(clock.timerCount, 0);
});
