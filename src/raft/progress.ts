import { assert } from '../assert.js';
import { type LogIndex, logIndex, type MemberId, next, previous } from '../ids.js';
import { AppendWindow } from './append-window.js';
import type { PeerProgress, RaftOptions } from './options.js';

/** What of a member's options bounds the requests on their way to one follower. */
export type FlowLimits = Pick<
  RaftOptions,
  | 'inflightMax'
  | 'inflightBytesMin'
  | 'inflightBytesMax'
  | 'electionTimeoutTicks'
  | 'heartbeatIntervalTicks'
>;

interface Request {
  readonly lastIndex: LogIndex;
  /** Entry bytes. */
  readonly bytes: number;
}

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
  readonly #window: AppendWindow;
  #state: PeerProgress['state'] = 'probe';
  #matchIndex: LogIndex = logIndex(0);
  #nextIndex: LogIndex;
  /** The requests with entries on their way, ascending; empty unless replicating. */
  #inflight: Request[] = [];
  #inflightBytes = 0;
  /** A probe, or a snapshot's first append, is on its way. */
  #paused = false;
  /** The probe from `nextIndex` was sent with its entries, which may still be on their way. */
  #probed = false;
  /** Requests may have been lost: ask with an empty one behind them. */
  #inDoubt = false;
  /** The follower commits up to here when everything sent arrives. */
  #toldCommitIndex: LogIndex = logIndex(0);
  #snapshotIndex: LogIndex = logIndex(0);
  #lastActiveTick = 0;
  /** The newest read round that the follower has answered. */
  #readRound = 0;

  constructor(id: MemberId, nextIndex: LogIndex, limits: FlowLimits) {
    this.id = id;
    this.#nextIndex = nextIndex;
    this.#inflightMax = limits.inflightMax;
    this.#window = new AppendWindow({
      floor: limits.inflightBytesMin,
      ceiling: limits.inflightBytesMax,
      intervals: Math.ceil(limits.electionTimeoutTicks / limits.heartbeatIntervalTicks),
    });
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
        return hasEntries && !this.#probed ? 'entries' : 'empty';
      case 'replicate': {
        if (this.#hasRoom && hasEntries) return 'entries';
        const committable = Math.min(commitIndex, this.#nextIndex - 1);
        // While a request is on its way, the next one with entries will soon tell the commit index too.
        const owesCommit = this.#inflight.length === 0 && committable > this.#toldCommitIndex;
        return this.#inDoubt || owesCommit ? 'empty' : 'none';
      }
    }
  }

  /** A request was sent that begins at `nextIndex`, ends with `lastSent` and holds that many entry bytes. */
  appendSent(lastSent: LogIndex, bytes: number, commitIndex: LogIndex): void {
    assert(this.#state !== 'snapshot', 'nothing is appended while a snapshot is on its way');
    this.#inDoubt = false;
    this.#toldCommitIndex = logIndex(Math.min(commitIndex, lastSent));
    if (this.#state === 'probe') {
      this.#paused = true;
      this.#probed = true;
      return;
    }
    if (lastSent < this.#nextIndex) return;
    this.#inflight.push({ lastIndex: lastSent, bytes });
    this.#inflightBytes += bytes;
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
   * The follower lives. A heartbeat overtakes what is on its way with entries, so what is unanswered
   * may be lost or merely slow: a probe is repeated without its entries, and a window of requests is
   * followed by a question, so that little is sent in vain to a follower behind a slow link.
   */
  heartbeatAnswered(readRound: number): void {
    if (readRound > this.#readRound) this.#readRound = readRound;
    if (this.#state === 'probe') this.#paused = false;
    if (this.#state === 'replicate') this.#inDoubt = this.#inflight.length > 0;
  }

  /** A heartbeat interval has passed. */
  beat(): void {
    this.#window.beat();
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
      inflightBytes: this.#inflightBytes,
      windowBytes: this.#window.bytes,
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
    this.#inflightBytes = 0;
    this.#paused = false;
    this.#probed = false;
    this.#inDoubt = false;
    // What was told in vain is told again; what a probe told has arrived with it.
    if (state !== 'replicate') this.#toldCommitIndex = logIndex(0);
  }

  /** The window bounds what was sent before; a request that exceeds it alone is sent all the same. */
  get #hasRoom(): boolean {
    return this.#inflight.length < this.#inflightMax && this.#inflightBytes < this.#window.bytes;
  }

  /** Requests are answered in order, so an answer stands for all before it. */
  #arrived(index: LogIndex): void {
    const open = this.#inflight.findIndex(({ lastIndex }) => lastIndex > index);
    const arrived = this.#inflight.splice(0, open < 0 ? this.#inflight.length : open);
    let bytes = 0;
    for (const request of arrived) bytes += request.bytes;
    this.#inflightBytes -= bytes;
    this.#window.acknowledged(bytes);
  }
}
