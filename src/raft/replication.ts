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

/** The messages that bring the followers the log and the commit index. */
export class Replication {
  readonly #state: RaftState;
  readonly #followers: Followers;

  constructor(state: RaftState, followers: Followers) {
    this.#state = state;
    this.#followers = followers;
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
      const due = progress.due(log.lastIndex, commitIndex);
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
    const entries = log.slice(from, log.lastIndex, options.appendBytesMax);
    const before = previous(from);
    const bytes = log.bytesBetween(before, logIndex(before + entries.length));
    const slice = { entries, bytes };
    slices.set(from, slice);
    return slice;
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
