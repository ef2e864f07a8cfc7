import { createHash } from 'node:crypto';
import { logIndex, type MemberId } from '../ids.js';
import type { Configuration } from '../raft/entry.js';
import { encodeAddresses } from '../records/addresses-format.js';
import { createDirectory } from '../storage/directory-creation.js';
import { snapshotChunkBytesMax } from '../storage/storage.js';
import type { StateMachine } from '../store/state-machine.js';
import type { CheckedBackup } from './backup-check.js';
import { BackupError } from './backup-error.js';

/**
 * How many indexes are left out behind the highest one that the backup knows of. The old cluster
 * may have gone on after it: at 100 000 writes per second it gives out so many in 115 days. Indexes
 * end at 2^53, so there is room for 9000 such gaps.
 */
export const defaultIndexGap = 1e12;

/** Clients that take indexes for floating-point numbers need these to be exact. */
const indexMax = 2 ** 53 - 2 ** 45;

/** One member of the new cluster, as its settings have it. */
export interface NewMember {
  readonly dataDir: string;
  readonly name: string;
  readonly memberId: MemberId;
  /** The cluster id that the settings lead to. */
  readonly settingsId: string;
  /** All of them, this one included. */
  readonly members: readonly NewPeer[];
}

export interface NewPeer {
  readonly memberId: MemberId;
  readonly name: string;
  readonly peerUrl: string;
}

export interface RestoredMember {
  readonly clusterId: string;
  /** Both the log and the key store go on behind it. */
  readonly index: number;
}

/**
 * Makes the data directory of a member of a new cluster. All members that are made of one backup
 * with the same members and gap belong together: nothing else decides.
 * @throws {BackupError} when there is no room for the gap.
 * @throws {StorageError}
 */
export async function restoreMember(
  { state, head, end, fingerprint }: CheckedBackup,
  { dataDir, name, memberId, settingsId, members }: NewMember,
  indexGap: number,
): Promise<RestoredMember> {
  const index = beginningOf(Math.max(end.highestIndex, head.index, state.etcdIndex), indexGap);
  state.beginNewCluster(index);
  const clusterId = digest([fingerprint, String(index), settingsId]);
  const names = { own: name, all: members.map((member) => member.name).sort() };
  await createDirectory(
    dataDir,
    { clusterId, memberId, names },
    {
      hardState: { currentTerm: head.term, votedFor: undefined, commitIndex: index },
      metadata: {
        lastIncludedIndex: index,
        lastIncludedTerm: head.term,
        configuration: configurationOf(members),
      },
      chunks: chunksOf(state),
    },
  );
  return { clusterId, index };
}

/** With the addresses, so that the members go by their log from the beginning. */
function configurationOf(members: readonly NewPeer[]): Configuration {
  const addresses = members.map(({ memberId, name, peerUrl }) => {
    return { memberId, name, peerUrls: [peerUrl], staysLearner: false };
  });
  const voters = members.map(({ memberId }) => memberId);
  return { voters, learners: [], addresses: encodeAddresses(addresses) };
}

function beginningOf(highestIndex: number, indexGap: number) {
  const index = highestIndex + indexGap;
  if (index <= indexMax) return logIndex(index);
  const most = indexMax - highestIndex;
  throw new BackupError(
    'damaged',
    `there is no room for so many indexes: ${most} are left at most`,
  );
}

function* chunksOf(state: StateMachine): Iterable<Uint8Array> {
  const source = state.snapshot();
  for (let chunk = source.next(snapshotChunkBytesMax); chunk !== undefined; ) {
    yield chunk;
    chunk = source.next(snapshotChunkBytesMax);
  }
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
}
