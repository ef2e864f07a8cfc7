import { assert } from '../assert.js';
import { type LogIndex, logIndex, type MemberId, next, previous } from '../ids.js';
import type { PeerProgress } from './options.js';

/** `empty` carries no entry: it asks the follower where it is, or tells it the commit index. */
export type DueAppend = 'none' | 'empty' | 'entries';

/**
 * How far one follower is, as its leader knows. Every transition is here.
 *
 * - `probe`: it is not known where the logs part; one request at a time.
 * - `replicate`: the logs agree up to `matchIndex`; requests follow each other without waiting.
 * - `snapshot`: what it needs is compacted; nothing is sent until the snapshot's fate is known.
 *
 * Invariant: matchIndex < nextIndex <= the leader's lastIndex + 1, and matchIndex only grows.
 */
export class Progress {
  readonly id: MemberId;
  readonly #inflightMax: number;
  #state: PeerProgress['state'] = 'probe';
  #matchIndex: LogIndex = logIndex(0);
  #nextIndex: LogIndex;
  /** The last index of each request with entries on its way, ascending; empty unless replicating. */
  #inflight: LogIndex[] = [];
  /** A probe, or a snapshot's first append, is on its way. */
  #paused = false;
  /** Requests may have been lost: ask with an empty one behind them. */
  #inDoubt = false;
  /** The follower commits up to here when everything sent arrives. */
  #toldCommitIndex: LogIndex = logIndex(0);
  #snapshotIndex: LogIndex = logIndex(0);
  #lastActiveTick = 0;
  /** The newest read round that the follower has answered. */
  #readRound = 0;

  constructor(id: MemberId, nextIndex: LogIndex, inflightMax: number) {
    this.id = id;
    this.#nextIndex = nextIndex;
    this.#inflightMax = inflightMax;
  }

  get matchIndex(): LogIndex {
    return this.#matchIndex;
  }

  get nextIndex(): LogIndex {
    return this.#nextIndex;
  }

  get readRound(): number {
    return this.#readRound;
  }

  active(tick: number): void {
    this.#lastActiveTick = tick;
  }

  activeSince(tick: number): boolean {
    return this.#lastActiveTick >= tick;
  }

  dueAppend(lastIndex: LogIndex, commitIndex: LogIndex): DueAppend {
    const hasEntries = this.#nextIndex <= lastIndex;
    switch (this.#state) {
      case 'snapshot':
        return 'none';
      case 'probe':
        if (this.#paused) return 'none';
        return hasEntries ? 'entries' : 'empty';
      case 'replicate': {
        const hasRoom = this.#inflight.length < this.#inflightMax;
        if (hasRoom && hasEntries) return 'entries';
        const committable = Math.min(commitIndex, this.#nextIndex - 1);
        // While a request is on its way, the next one with entries will soon tell the commit index too.
        const owesCommit = this.#inflight.length === 0 && committable > this.#toldCommitIndex;
        return this.#inDoubt || owesCommit ? 'empty' : 'none';
      }
    }
  }

  /** A request was sent that begins at `nextIndex` and ends with `lastSent`. */
  appendSent(lastSent: LogIndex, commitIndex: LogIndex): void {
    assert(this.#state !== 'snapshot', 'nothing is appended while a snapshot is on its way');
    this.#inDoubt = false;
    this.#toldCommitIndex = logIndex(Math.min(commitIndex, lastSent));
    if (this.#state === 'probe') {
      this.#paused = true;
      return;
    }
    if (lastSent < this.#nextIndex) return;
    this.#inflight.push(lastSent);
    this.#nextIndex = next(lastSent);
  }

  snapshotSent(lastIncludedIndex: LogIndex): void {
    this.#become('snapshot');
    this.#snapshotIndex = lastIncludedIndex;
  }

  /** The follower's log agrees up to `index`. Returns whether that is news. */
  matched(index: LogIndex, firstIndex: LogIndex): boolean {
    const isNews = index > this.#matchIndex;
    if (isNews) this.#matchIndex = index;
    if (this.#nextIndex <= this.#matchIndex) this.#nextIndex = next(this.#matchIndex);
    switch (this.#state) {
      case 'probe':
        if (index === this.#matchIndex) this.#replicate();
        break;
      case 'snapshot':
        // By whatever way it got there, the log can serve it again from here.
        if (next(this.#matchIndex) >= firstIndex) this.#replicate();
        break;
      case 'replicate':
        this.#arrived(index);
        break;
    }
    return isNews;
  }

  /**
   * The follower refused a request that began after `prevLogIndex`; it may agree before `hint`.
   * What is not about a request that is still open is late, and says nothing any more.
   */
  refused(prevLogIndex: LogIndex, hint: LogIndex): void {
    if (prevLogIndex <= this.#matchIndex) return;
    if (this.#state === 'snapshot') return;
    if (this.#state === 'probe' && prevLogIndex !== previous(this.#nextIndex)) return;
    this.#become('probe');
    const lowered = hint < prevLogIndex ? hint : prevLogIndex;
    this.#nextIndex = lowered > this.#matchIndex ? lowered : next(this.#matchIndex);
  }

  /**
   * The follower lives. What it was sent before this heartbeat should have been answered by now; if
   * not, it may be lost: a probe is repeated, and a window of requests is followed by a question.
   */
  heartbeatAnswered(readRound: number): void {
    if (readRound > this.#readRound) this.#readRound = readRound;
    if (this.#state === 'probe') this.#paused = false;
    if (this.#state === 'replicate') this.#inDoubt = this.#inflight.length > 0;
  }

  unreachable(): void {
    if (this.#state !== 'replicate') return;
    this.#become('probe');
    this.#nextIndex = next(this.#matchIndex);
  }

  /** The next append waits until the follower is heard of, so that a failure is not repeated at once. */
  snapshotReported(delivered: boolean): void {
    if (this.#state !== 'snapshot') return;
    const reached =
      delivered && this.#snapshotIndex > this.#matchIndex ? this.#snapshotIndex : this.#matchIndex;
    this.#become('probe');
    this.#paused = true;
    this.#nextIndex = next(reached);
  }

  describe(activeSinceTick: number): PeerProgress {
    return {
      id: this.id,
      state: this.#state,
      matchIndex: this.#matchIndex,
      nextIndex: this.#nextIndex,
      inflight: this.#inflight.length,
      recentlyActive: this.activeSince(activeSinceTick),
    };
  }

  #replicate(): void {
    this.#become('replicate');
    this.#nextIndex = next(this.#matchIndex);
  }

  #become(state: PeerProgress['state']): void {
    this.#state = state;
    this.#inflight = [];
    this.#paused = false;
    this.#inDoubt = false;
    // What was told in vain is told again; what a probe told has arrived with it.
    if (state !== 'replicate') this.#toldCommitIndex = logIndex(0);
  }

  /** Requests are answered in order, so an answer stands for all before it. */
  #arrived(index: LogIndex): void {
    const open = this.#inflight.findIndex((end) => end > index);
    if (open < 0) this.#inflight = [];
    else if (open > 0) this.#inflight.splice(0, open);
  }
}
