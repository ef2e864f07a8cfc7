import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forceNewCluster } from '../../src/bootstrap/force-new-cluster.js';
import { logIndex, term } from '../../src/ids.js';
import { decodeConfiguration, encodeConfiguration } from '../../src/raft/configuration.js';
import type { Configuration } from '../../src/raft/entry.js';
import { openStorage, silentLogger } from '../member/member-options.js';
import { otherPeer, peer, self } from '../member/members.js';
import { MemoryDisk } from '../support/memory-disk.js';

const founding = { voters: [self, peer, otherPeer], learners: [] };

/** What a member goes by that had `last` at the end of its log, and was made the only one. */
async function forced(last: Configuration): Promise<Configuration> {
  const disk = new MemoryDisk(() => 0.9);
  const before = openStorage(disk);
  await before.write({
    sequence: 1,
    hardState: { currentTerm: term(1), votedFor: self, commitIndex: logIndex(0) },
    entries: [
      {
        ...{ index: logIndex(1), term: term(1), type: 'configuration' },
        data: encodeConfiguration(last),
      },
    ],
    snapshot: undefined,
  });
  await before.close();
  const survivor = openStorage(disk);
  assert.equal(await forceNewCluster(survivor, founding, silentLogger), true);
  await survivor.close();
  const entry = openStorage(disk).start.entries.at(-1);
  assert.ok(entry !== undefined && entry.index === 2);
  return decodeConfiguration(entry.data);
}

test('the last survivor is the only voter, and all others are removed for good', async () => {
  const { voters, learners, removed } = await forced(founding);
  assert.deepEqual([voters, learners, removed], [[self], [], [peer, otherPeer]]);
});

test('a survivor whose own removal nobody could commit any more is not removed', async () => {
  const last = { voters: [peer, otherPeer], learners: [], removed: [self] };
  const { voters, removed } = await forced(last);
  assert.deepEqual([voters, removed], [[self], [peer, otherPeer]]);
});
