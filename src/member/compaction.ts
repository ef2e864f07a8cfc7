import { type LogIndex, logIndex } from '../ids.js';
import type { SnapshotMetadata } from '../raft/entry.js';
import type { Raft } from '../raft/raft.js';
import type { Storage } from '../storage/storage.js';
import type { MemberLimits } from './options.js';
import { RecentEntrySizes } from './recent-entry-sizes.js';
import type { Snapshots } from './snapshots.js';

type CompactionLimits = Pick<
  MemberLimits,
  'trailingEntries' | 'trailingBytesMax' | 'catchUpEntriesMax' | 'catchUpBytesMax'
>;

/**
 * In weights of a snapshot: what is kept for followers that are being brought up. A snapshot is taken again when the
 * log weighs as much as the last one, so one weight would be gone just when the next one is there.
 */
const catchUpSnapshots = 3;

/** Where the log could begin behind a snapshot. */
interface Bounds {
  /** With what is kept for anybody who is a little late. */
  readonly trailing: number;
  /** With what is kept at most, for followers that are being brought up. */
  readonly catchUp: number;
}

/**
 * How much of the log stays behind a snapshot. A follower that is sent a snapshot needs what was appended since it
 * was taken; should that be forgotten while the snapshot travels, the follower would need the next one, and so on.
 * So entries that a live follower still needs stay, within bounds.
 */
export class Compaction {
  readonly #raft: Raft;
  readonly #storage: Storage;
  readonly #snapshots: Snapshots;
  readonly #limits: CompactionLimits;
  readonly #recentSizes: RecentEntrySizes;
  /** Of the snapshot that is being written. */
  #bounds: Bounds = { trailing: 1, catchUp: 1 };
  /** What a follower keeps from being forgotten. */
  #heldBack: { readonly metadata: SnapshotMetadata; readonly keepFrom: LogIndex } | undefined;

  constructor(raft: Raft, storage: Storage, snapshots: Snapshots, limits: CompactionLimits) {
    this.#raft = raft;
    this.#storage = storage;
    this.#snapshots = snapshots;
    this.#limits = limits;
    this.#recentSizes = new RecentEntrySizes(
      Math.max(limits.trailingEntries, limits.catchUpEntriesMax),
    );
  }

  /** An entry of so many bytes was applied. */
  add(bytes: number): void {
    this.#recentSizes.add(bytes);
  }

  /** A snapshot of all that was applied is being taken. */
  snapshotBegins({ lastIncludedIndex }: SnapshotMetadata): void {
    const { trailingEntries, trailingBytesMax, catchUpEntriesMax, catchUpBytesMax } = this.#limits;
    const catchUpBytes = Math.min(catchUpBytesMax, catchUpSnapshots * this.#snapshots.newestBytes);
    const behind = (entries: number) => Math.max(1, lastIncludedIndex + 1 - entries);
    this.#bounds = {
      trailing: behind(this.#recentSizes.entriesWithin(trailingEntries, trailingBytesMax)),
      catchUp: behind(this.#recentSizes.entriesWithin(catchUpEntriesMax, catchUpBytes)),
    };
  }

  /** The snapshot is durable: forgets the log behind it, but for what followers may still need. */
  async compact(metadata: SnapshotMetadata): Promise<void> {
    const { trailing, catchUp } = this.#bounds;
    const keepFrom = Math.min(trailing, Math.max(catchUp, this.#neededFrom()));
    this.#heldBack = keepFrom < trailing ? { metadata, keepFrom: logIndex(trailing) } : undefined;
    await this.#forget(metadata, logIndex(keepFrom));
  }

  /** Time has passed: whoever held the log back may have caught up, or be gone. */
  async tick(): Promise<void> {
    if (this.#heldBack === undefined) return;
    const { metadata, keepFrom } = this.#heldBack;
    if (this.#neededFrom() < keepFrom) return;
    this.#heldBack = undefined;
    await this.#forget(metadata, keepFrom);
  }

  async #forget(metadata: SnapshotMetadata, keepFrom: LogIndex): Promise<void> {
    this.#raft.compact(metadata, keepFrom);
    await this.#storage.compact(logIndex(keepFrom - 1));
  }

  /** The first entry that the log still holds and a live follower lacks; infinite when there is none. */
  #neededFrom(): number {
    const needed = this.#snapshots.sentIndexes.map((index) => index + 1);
    for (const { state, recentlyActive, matchIndex, nextIndex } of this.#raft.peers()) {
      if (state === 'snapshot' || !recentlyActive) continue;
      // What is on its way to a follower may be lost; a probe says where to begin.
      needed.push(state === 'probe' ? nextIndex : matchIndex + 1);
    }
    return Math.min(...needed.filter((index) => index >= this.#raft.firstIndex));
  }
}
