import assert from 'node:assert/strict';
import { test } from 'node:test';
import { term } from '../../src/ids.js';
import type { MemberLimits } from '../../src/member/options.js';
import { set } from '../store/commands.js';
import { eventOf } from '../store/log.js';
import { settle } from '../support/settle.js';
import { PartsRig } from './parts-rig.js';
import { metadataOf } from './snapshot-samples.js';

const limits = { snapshotCount: 5, trailingEntries: 0 };

/** A leader that has applied the first entry of its term and so many commands more. */
function applied(commands: number, changes: Partial<MemberLimits> = {}) {
  const rig = PartsRig.leader({ ...limits, ...changes });
  for (let at = 0; at < commands; at += 1) rig.write(set('/k', String(at)));
  const { applier, raft } = rig.parts;
  return { rig, applier, raft };
}

test('a command that is applied has an outcome, the first entry of a term has none', () => {
  const rig = PartsRig.elected();
  assert.deepEqual(rig.applyCommitted(), [undefined]);
  const { result } = rig.write(set('/k', 'v'));
  assert.equal(eventOf(result).node.value, 'v');
  assert.equal(rig.parts.applier.appliedIndex, 2);
});

test('a TTL begins when its command is applied here', () => {
  const rig = PartsRig.leader();
  rig.clock.advance(700);
  rig.write(set('/k', 'v', { ttlMs: 1000 }));
  const { stateMachine } = rig.parts;
  assert.equal(stateMachine.time.expired(1699, term(1), 1).length, 0);
  assert.equal(stateMachine.time.expired(1700, term(1), 1).length, 1);
});

test('a snapshot is taken of all that is applied, once enough entries are', async () => {
  const { rig, applier } = applied(3);
  applier.considerSnapshot();
  await settle();
  assert.deepEqual(rig.taken, []);
  rig.write(set('/k', 'last'));
  applier.considerSnapshot();
  await settle();
  assert.deepEqual(rig.taken, [5]);
  assert.deepEqual(rig.storage.openSnapshot()?.metadata.lastIncludedIndex, 5);
});

test('a snapshot that is due early is taken when the entries are large enough', async () => {
  const { rig, applier } = applied(1, { snapshotLogBytesMax: 1 });
  applier.considerSnapshot();
  await settle();
  assert.deepEqual(rig.taken, [2]);
});

test('no snapshot begins while another is being written', async () => {
  const { rig, applier } = applied(4);
  applier.considerSnapshot();
  for (let at = 0; at < 5; at += 1) rig.write(set('/k', String(at)));
  applier.considerSnapshot();
  await settle();
  assert.deepEqual(rig.taken, [5]);
  for (let at = 0; at < 200; at += 1) rig.write(set('/k', 'x'.repeat(100)));
  applier.considerSnapshot();
  await settle();
  assert.deepEqual(rig.taken, [5, 210]);
});

test('the log behind a snapshot goes only when the snapshot is durable, and what came since stays', async () => {
  const { rig, applier, raft } = applied(4);
  applier.considerSnapshot();
  rig.write(set('/k', 'since'));
  await settle();
  assert.equal(raft.firstIndex, 1);
  await applier.compact({ ...metadataOf(5), configuration: raft.configuration });
  assert.equal(raft.firstIndex, 6);
  assert.deepEqual(
    rig.disk.entries.map(({ index }) => index),
    [6],
  );
});

test('so many entries stay behind a snapshot for followers that lag a little', async () => {
  const { applier, raft } = applied(4, { trailingEntries: 2 });
  applier.considerSnapshot();
  await settle();
  await applier.compact({ ...metadataOf(5), configuration: raft.configuration });
  assert.equal(raft.firstIndex, 4);
});
