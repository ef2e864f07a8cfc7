import { assert } from '../assert.js';
import { type LogIndex, logIndex, type MemberId, next, previous } from '../ids.js';
import { AppendWindow } from './append-window.js';
import type { PeerProgress, RaftOptions } from './options.js';

/** The options that bound the requests in flight to one follower. */
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

/**
 * An AppendEntries with entries; one without, which probes the follower's log; or a notice of the
 * commit index.
 */
export type Due = 'none' | 'entries' | 'empty' | 'commit';

/**
 * The leader's view of one follower's log. Every transition is here.
 *
 * - `probe`: the index where the logs diverge is unknown; one request at a time.
 * - `replicate`: the logs agree up to `matchIndex`; requests follow each other without waiting.
 * - `snapshot`: the entries that it needs are compacted; nothing is sent until the snapshot was
 *   reported.
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
  /** Requests may have been lost: an empty request behind them finds out. */
  #inDoubt = false;
  /** The commit index that the follower reaches if every message sent so far arrives. */
  #toldCommitIndex: LogIndex = logIndex(0);
  #snapshotIndex: LogIndex = logIndex(0);
  #lastActiveTick = 0;
  #isHeard = false;
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
    this.#isHeard = true;
  }

  /** It has answered this leader, and its connection has not ended since. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  activeSince(tick: number): boolean {
    return this.#lastActiveTick >= tick;
  }

  due(sendableIndex: LogIndex, commitIndex: LogIndex): Due {
    const hasEntries = this.#nextIndex <= sendableIndex;
    switch (this.#state) {
      case 'snapshot':
        return 'none';
      case 'probe':
        if (this.#paused) return 'none';
        return hasEntries && !this.#probed ? 'entries' : 'empty';
      case 'replicate': {
        if (this.#hasRoom && hasEntries) return 'entries';
        if (this.#inDoubt) return 'empty';
        const committable = Math.min(commitIndex, this.#matchIndex);
        // While a request is on its way, the next one with entries will soon tell the commit index
        // too.
        const owesCommit = this.#inflight.length === 0 && committable > this.#toldCommitIndex;
        return owesCommit ? 'commit' : 'none';
      }
    }
  }

  /**
   * A request was sent that begins at `nextIndex`, ends with `lastSent` and holds that many entry
   * bytes.
   */
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

  /** A heartbeat or a notice was sent with this commit index. */
  commitSent(index: LogIndex): void {
    if (index > this.#toldCommitIndex) this.#toldCommitIndex = index;
  }

  snapshotSent(lastIncludedIndex: LogIndex): void {
    this.#become('snapshot');
    this.#snapshotIndex = lastIncludedIndex;
  }

  /** The follower's log matches up to `index`. Returns whether `matchIndex` grew. */
  matched(index: LogIndex, firstIndex: LogIndex): boolean {
    const isNews = index > this.#matchIndex;
    if (isNews) this.#matchIndex = index;
    if (this.#nextIndex <= this.#matchIndex) this.#nextIndex = next(this.#matchIndex);
    switch (this.#state) {
      case 'probe':
        if (index === this.#matchIndex) this.#replicate();
        break;
      case 'snapshot':
        // However the follower got there, the log can serve it again from here.
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
   * A refusal of a request that is no longer in flight is stale, and is ignored.
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
   * The follower answered a heartbeat. Heartbeats overtake requests with entries, so an unanswered
   * request may be lost or only slow. A probe is therefore repeated without its entries, and a
   * window of requests is followed by an empty one, so that a slow link does not carry entries
   * twice.
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
    this.#isHeard = false;
    if (this.#state !== 'replicate') return;
    this.#become('probe');
    this.#nextIndex = next(this.#matchIndex);
  }

  /**
   * The next append waits until the follower answers, so that a failure is not repeated at once.
   */
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
    // A commit index that may be lost is sent again; a probe's has arrived with its answer.
    if (state !== 'replicate') this.#toldCommitIndex = logIndex(0);
  }

  /**
   * A request is sent while less than the window is in flight, even if it exceeds the window alone.
   */
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
