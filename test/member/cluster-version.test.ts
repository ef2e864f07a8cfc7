import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeEnvelope, encodeCommand, encodeEnvelope } from '../../src/command/codec.js';
import { logIndex, term } from '../../src/ids.js';
import { ClusterVersion, versionRefusal } from '../../src/member/cluster-version.js';
import { Member } from '../../src/member/member.js';
import { ok } from '../../src/result.js';
import type { RegisteredMember } from '../../src/view/registered-member.js';
import { ManualClock } from '../support/manual-clock.js';
import { MemoryDisk } from '../support/memory-disk.js';
import { memberOptions, openStorage } from './member-options.js';
import { peer, self } from './members.js';
import { PartsRig } from './parts-rig.js';

const stamp = { clusterTimeMs: 0, appliedIndex: 0 };
const older = { lowest: 1, highest: 1 };
const newer = { lowest: 1, highest: 2 };

function registered(memberId: typeof self, formatVersionMax: number): RegisteredMember {
  const addresses = { name: 'one', peerUrls: [], clientUrls: [] };
  return { memberId, incarnation: 'disk', version: '0', formatVersionMax, ...addresses };
}

/**
 * The version to which a leader of two members raises the cluster in one tick; undefined for none.
 */
function raisedTo(members: readonly RegisteredMember[], clusterVersion = 1, leads = true) {
  const appended: Uint8Array[] = [];
  const raising = new ClusterVersion({
    raft: { configuration: { voters: [self], learners: [peer] } },
    leadership: { appliedTerm: leads ? term(1) : undefined },
    stateMachine: {
      clusterVersion,
      appliedIndex: logIndex(5),
      members: { registered: () => members },
    },
    appender: {
      lastIndex: logIndex(6),
      append: (commands) => {
        appended.push(...commands);
        return ok(commands);
      },
    },
  });
  raising.tick();
  raising.tick();
  assert.ok(appended.length <= 1, 'one rise at a time');
  const [bytes] = appended;
  if (bytes === undefined) return undefined;
  const { command } = decodeEnvelope(encodeEnvelope(stamp, bytes, 1), 1);
  if (command.type !== 'raiseClusterVersion') return assert.fail(command.type);
  assert.deepEqual(command.members, [self, peer], 'it tells who counts');
  return command.version;
}

test('the leader raises the version to what all members of the configuration understand', () => {
  assert.equal(raisedTo([registered(self, 2), registered(peer, 2)]), 2);
  assert.equal(raisedTo([registered(self, 3), registered(peer, 2)]), 2);
});

test('it does not while one of them understands no more, or has not registered', () => {
  assert.equal(raisedTo([registered(self, 2), registered(peer, 1)]), undefined);
  assert.equal(raisedTo([registered(self, 1), registered(peer, 2)]), undefined);
  assert.equal(raisedTo([registered(self, 2)]), undefined);
});

test('it does not when nothing is to be raised, nor does a follower', () => {
  const members = [registered(self, 2), registered(peer, 2)];
  assert.equal(raisedTo(members, 2), undefined);
  assert.equal(raisedTo(members, 3), undefined);
  assert.equal(raisedTo(members, 1, false), undefined);
});

test('a peer that does not understand the version of the cluster is refused', () => {
  const identity = { clusterId: 'c', memberId: peer, incarnation: 'disk' };
  const hello = { ...identity, formats: older };
  assert.equal(versionRefusal(hello, 1), undefined);
  assert.match(
    versionRefusal(hello, 2) ?? '',
    /risen to format 2.*understands up to 1: upgrade it/,
  );
});

test('the entries of a leader have the version of the cluster', () => {
  const rig = new PartsRig({ formats: newer });
  const { raft, stateMachine } = rig.parts;
  while (raft.softState().role !== 'leader') {
    raft.tick();
    rig.persist();
  }
  rig.observe();
  rig.applyCommitted();
  const keepAlive = encodeCommand(undefined, { type: 'advanceClock' }, 1);
  const raise = encodeCommand(undefined, { type: 'raiseClusterVersion', version: 2 }, 1);
  const versionAfter = (command: Uint8Array) => {
    rig.parts.appender.append([command]);
    rig.persist();
    const version = rig.committed.at(-1)?.data[0];
    rig.applyCommitted();
    return version;
  };
  assert.equal(versionAfter(keepAlive), 1);
  assert.equal(versionAfter(raise), 1);
  assert.equal(stateMachine.clusterVersion, 2);
  assert.equal(versionAfter(keepAlive), 2);
});

test('a directory that a newer release wrote is refused by what it says', async () => {
  const disk = new MemoryDisk(() => 0.9);
  const clock = new ManualClock(0);
  const storage = openStorage(disk);
  const data = encodeEnvelope(stamp, encodeCommand(undefined, { type: 'advanceClock' }, 1), 2);
  const entries = [{ index: logIndex(1), term: term(1), type: 'command', data } as const];
  await storage.write({
    sequence: 1,
    snapshot: undefined,
    entries,
    hardState: { currentTerm: term(1), votedFor: undefined, commitIndex: logIndex(0) },
  });
  await storage.close();
  const reopened = openStorage(disk);
  await assert.rejects(Member.open(memberOptions({ storage: reopened, clock, formats: older })), {
    name: 'NewerFormatError',
    message: /this data directory was written with format 2; this release understands up to 1/,
  });
  const member = await Member.open(memberOptions({ storage: reopened, clock, formats: newer }));
  assert.equal(member.status().appliedIndex, 0);
});
