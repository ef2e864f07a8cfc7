import { assert } from '../assert.js';
import { type LogIndex, logIndex, type MemberId, previous } from '../ids.js';
import type { Entry } from './entry.js';
import type { Followers } from './followers.js';
import type { Progress } from './progress.js';
import type { RaftState } from './state.js';

interface Slice {
  readonly entries: readonly Entry[];
  readonly bytes: number;
}

type Slices = Map<LogIndex, Slice>;

const nothing: Slice = { entries: [], bytes: 0 };

/**
 * The messages that bring the followers the log and the commit index. Entries are sent when the
 * write begins that carries them here (thesis, section 10.2.1): what arrives during a write would
 * mostly find the followers' disks busy, too, and make two small requests of one. A write that is
 * still in progress at the next tick is not waited for: the followers commit without this disk.
 */
export class Replication {
  readonly #state: RaftState;
  readonly #followers: Followers;
  /** Where the log ended at the last tick. */
  #tickIndex: LogIndex = logIndex(0);

  constructor(state: RaftState, followers: Followers) {
    this.#state = state;
    this.#followers = followers;
  }

  /** Returns whether entries are due that have waited for a write. */
  tick(): boolean {
    const { log } = this.#state;
    this.#tickIndex = log.lastIndex;
    return log.issuedIndex < log.lastIndex;
  }

  /** Sends each follower what it is due. */
  flush(): void {
    const slices: Slices = new Map();
    for (const progress of this.#followers.all) this.#replicate(progress, slices);
  }

  sendHeartbeats(readRound: number): void {
    for (const progress of this.#followers.all) {
      this.#state.send({
        type: 'HeartbeatRequest',
        ...this.#addressedTo(progress.id),
        leaderCommit: this.#tellCommit(progress),
        readRound,
      });
    }
  }

  /** Tells everybody how far to commit, whatever else is on its way to them. */
  sendCommits(): void {
    for (const progress of this.#followers.all) this.#sendCommit(progress);
  }

  #replicate(progress: Progress, slices: Slices): void {
    const { log, commitIndex } = this.#state;
    for (;;) {
      const due = progress.due(this.#sendableIndex, commitIndex);
      if (due === 'none') return;
      if (due === 'commit') {
        this.#sendCommit(progress);
        return;
      }
      const prevLogTerm = log.termAt(previous(progress.nextIndex));
      if (typeof prevLogTerm !== 'number') {
        this.#sendSnapshot(progress);
        return;
      }
      const { entries, bytes } =
        due === 'entries' ? this.#slice(progress.nextIndex, slices) : nothing;
      const prevLogIndex = previous(progress.nextIndex);
      progress.appendSent(logIndex(prevLogIndex + entries.length), bytes, commitIndex);
      this.#state.send({
        type: 'AppendEntriesRequest',
        ...this.#addressedTo(progress.id),
        prevLogIndex,
        prevLogTerm,
        entries,
        leaderCommit: commitIndex,
      });
    }
  }

  /**
   * Followers with the same `nextIndex` share one array, so that a transport may encode it once.
   */
  #slice(from: LogIndex, slices: Slices): Slice {
    const known = slices.get(from);
    if (known !== undefined) return known;
    const { log, options } = this.#state;
    const entries = log.slice(from, this.#sendableIndex, options.appendBytesMax);
    const before = previous(from);
    const bytes = log.bytesBetween(before, logIndex(before + entries.length));
    const slice = { entries, bytes };
    slices.set(from, slice);
    return slice;
  }

  get #sendableIndex(): LogIndex {
    return logIndex(Math.max(this.#state.log.issuedIndex, this.#tickIndex));
  }

  #sendCommit(progress: Progress): void {
    const leaderCommit = this.#tellCommit(progress);
    this.#state.send({ type: 'CommitNotice', ...this.#addressedTo(progress.id), leaderCommit });
  }

  /**
   * What it has acknowledged in this term can't be truncated there any more, so it may commit that
   * without a look at its log.
   */
  #tellCommit(progress: Progress): LogIndex {
    const index = logIndex(Math.min(progress.matchIndex, this.#state.commitIndex));
    progress.commitSent(index);
    return index;
  }

  #sendSnapshot(progress: Progress): void {
    const { snapshot } = this.#state;
    assert(snapshot !== undefined, 'entries are compacted only under a snapshot');
    if (!this.#followers.deservesSnapshot(progress)) return;
    progress.snapshotSent(snapshot.lastIncludedIndex);
    this.#state.send({
      type: 'InstallSnapshotRequest',
      ...this.#addressedTo(progress.id),
      snapshot,
    });
  }

  #addressedTo(to: MemberId) {
    return { from: this.#state.id, to, term: this.#state.currentTerm };
  }
}
