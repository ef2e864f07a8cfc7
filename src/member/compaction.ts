import { assert } from '../assert.js';
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
 * How much log is kept for followers that are catching up, in sizes of the last snapshot. The next
 * snapshot is taken when the log is as large as the last one, so a limit of one would drop entries
 * just when the next one is ready.
 */
const catchUpSnapshots = 3;

/** The first index of the log after a compaction, by what is kept. */
interface Bounds {
  /** When entries are kept for followers that lag a little. */
  readonly trailing: number;
  /** When the most is kept, for followers that are catching up. */
  readonly catchUp: number;
}

/**
 * Decides how much of the log stays behind a snapshot. A follower that is sent a snapshot then
 * needs the entries after it. If those were compacted during the transfer, the follower would need
 * the next snapshot, and so on. So the entries that a live follower still needs are kept, within
 * bounds.
 */
export class Compaction {
  readonly #raft: Raft;
  readonly #storage: Storage;
  readonly #snapshots: Snapshots;
  readonly #limits: CompactionLimits;
  readonly #recentSizes: RecentEntrySizes;
  /**
   * Of the snapshots that are not durable yet, by their last index. For a backup another one may
   * begin before the core has heard that the last one is.
   */
  readonly #bounds = new Map<LogIndex, Bounds>();
  /** The compaction that a lagging follower delays. */
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
    this.#bounds.set(lastIncludedIndex, {
      trailing: behind(this.#recentSizes.entriesWithin(trailingEntries, trailingBytesMax)),
      catchUp: behind(this.#recentSizes.entriesWithin(catchUpEntriesMax, catchUpBytes)),
    });
  }

  /**
   * The snapshot is durable: compacts the log, except for entries that followers may still need.
   */
  async compact(metadata: SnapshotMetadata): Promise<void> {
    const bounds = this.#bounds.get(metadata.lastIncludedIndex);
    assert(bounds !== undefined, 'a snapshot begins before it is durable');
    const { trailing, catchUp } = bounds;
    // Those before it that are missing were given up.
    for (const index of this.#bounds.keys()) {
      if (index <= metadata.lastIncludedIndex) this.#bounds.delete(index);
    }
    const keepFrom = Math.min(trailing, Math.max(catchUp, this.#neededFrom()));
    this.#heldBack = keepFrom < trailing ? { metadata, keepFrom: logIndex(trailing) } : undefined;
    await this.#forget(metadata, logIndex(keepFrom));
  }

  /** Completes a delayed compaction once the follower has caught up, or is gone. */
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

  /**
   * The first entry that the log still holds and a live follower lacks; infinite when there is
   * none.
   */
  #neededFrom(): number {
    const needed = this.#snapshots.sentIndexes.map((index) => index + 1);
    for (const { state, recentlyActive, matchIndex, nextIndex } of this.#raft.peers()) {
      if (state === 'snapshot' || !recentlyActive) continue;
      // Entries in flight may be lost, so all after the match index count; a probe begins at
      // `nextIndex`.
      needed.push(state === 'probe' ? nextIndex : matchIndex + 1);
    }
    return Math.min(...needed.filter((index) => index >= this.#raft.firstIndex));
  }
}
