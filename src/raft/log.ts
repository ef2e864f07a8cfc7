import { assert } from '../assert.js';
import { type LogIndex, logIndex, next, previous, type Term, term } from '../ids.js';
import { ConfigurationHistory, decodeConfiguration } from './configuration.js';
import type { Configuration, Entry, SnapshotMetadata } from './entry.js';

const noIndex = logIndex(0);

/** Added for each entry beside its data, so that empty entries count too. */
const entryOverheadBytes = 16;

/** The size of an entry with this data, for every limit in bytes. */
export function entryBytes(data: Uint8Array): number {
  return data.length + entryOverheadBytes;
}

/** Why an index has no term: its entry is compacted, or not yet appended. */
export type NoTerm = 'compacted' | 'unavailable';

/**
 * The part of the log that is not durable, and that no write in progress holds: the next write
 * carries it.
 */
export interface Unstable {
  readonly entries: readonly Entry[];
  readonly snapshot: SnapshotMetadata | undefined;
}

/**
 * The log in memory, since its last compaction, and how much of it is durable.
 *
 * Invariant: boundary <= lastIndex, and stable <= lastIndex. An entry at or below `stable` is on
 * disk exactly as it is here; a truncation lowers it, also for the write that is still in progress.
 */
export class Log {
  /** Contiguous; the first has the index `boundary + 1`. */
  #entries: Entry[];
  /** For each entry, the bytes of all that were ever appended up to it, itself included. */
  #endOffsets: number[] = [];
  /** The bytes of all entries up to the boundary. */
  #startOffset = 0;
  /** The last compacted entry; zero when nothing was compacted. */
  #boundary: LogIndex;
  #boundaryTerm: Term | 'compacted';
  #stable: LogIndex;
  /** Entries up to here belong to a write that was issued, finished or not. */
  #issued: LogIndex;
  /** Entries up to here are durable once the write in progress ends; zero when there is none. */
  #inProgress: LogIndex;
  /** Replaces what is on disk, with the next write. */
  #replacement: SnapshotMetadata | undefined;
  #configurations: ConfigurationHistory;

  constructor(
    initial: Configuration,
    snapshot: SnapshotMetadata | undefined,
    entries: readonly Entry[],
  ) {
    const start = snapshot?.lastIncludedIndex ?? noIndex;
    this.#boundary = entries[0] === undefined ? start : previous(entries[0].index);
    this.#boundaryTerm = this.#boundary === 0 ? term(0) : 'compacted';
    if (this.#boundary === snapshot?.lastIncludedIndex) {
      this.#boundaryTerm = snapshot.lastIncludedTerm;
    }
    assert(this.#boundary <= start, 'entries are missing between the snapshot and the log');
    this.#entries = [];
    this.#configurations = new ConfigurationHistory(start, snapshot?.configuration ?? initial);
    for (const entry of entries) this.#push(entry);
    this.#stable = this.lastIndex;
    this.#issued = this.lastIndex;
    this.#inProgress = noIndex;
    // A crash between the end of a snapshot's transfer and its write leaves a log that it replaces.
    if (snapshot !== undefined && !this.matches(start, snapshot.lastIncludedTerm)) {
      this.replace(snapshot);
    }
  }

  get firstIndex(): LogIndex {
    return next(this.#boundary);
  }

  get lastIndex(): LogIndex {
    return this.#entries.at(-1)?.index ?? this.#boundary;
  }

  get lastTerm(): Term {
    const last = this.termAt(this.lastIndex);
    assert(typeof last === 'number', 'the last term is always known');
    return last;
  }

  get stableIndex(): LogIndex {
    return this.#stable;
  }

  /** The writes that have begun, and those that have ended, hold the log up to here. */
  get issuedIndex(): LogIndex {
    return this.#issued;
  }

  get configuration(): Configuration {
    return this.#configurations.latest;
  }

  /** Where the configuration in use stands, or began. */
  get configurationIndex(): LogIndex {
    return this.#configurations.newestIndex;
  }

  configurationAt(index: LogIndex): Configuration {
    return this.#configurations.at(index);
  }

  termAt(index: LogIndex): Term | NoTerm {
    if (index === this.#boundary) return this.#boundaryTerm;
    if (index < this.#boundary) return 'compacted';
    return this.#entries[index - this.#boundary - 1]?.term ?? 'unavailable';
  }

  /**
   * Whether the log has this entry, and so equals the other log up to it (Log Matching Property).
   */
  matches(index: LogIndex, expected: Term): boolean {
    return this.termAt(index) === expected;
  }

  /** Raft, section 5.4.1: the later last term wins; with equal terms, the longer log. */
  isUpToDate(lastLogIndex: LogIndex, lastLogTerm: Term): boolean {
    if (lastLogTerm !== this.lastTerm) return lastLogTerm > this.lastTerm;
    return lastLogIndex >= this.lastIndex;
  }

  /** Entries from `from` to `to`, as many as fit `bytesMax`, yet one at least. */
  slice(from: LogIndex, to: LogIndex, bytesMax: number): readonly Entry[] {
    const start = from - this.#boundary - 1;
    assert(start >= 0, 'compacted entries were asked for');
    const stop = to - this.#boundary;
    const offsetMax = this.#offsetAt(previous(from)) + bytesMax;
    let end = Math.min(start + 1, stop);
    while (end < stop && this.#offsetAt(logIndex(this.#boundary + end + 1)) <= offsetMax) end += 1;
    return this.#entries.slice(start, end);
  }

  /** The bytes of the entries after `after`, up to `to`. */
  bytesBetween(after: LogIndex, to: LogIndex): number {
    return this.#offsetAt(to) - this.#offsetAt(after);
  }

  /** The last index up to `to` whose term is not above `limit`; the boundary when there is none. */
  lastAtMost(limit: Term, to: LogIndex): LogIndex {
    return logIndex(this.#boundary + this.#countUntil(to, (entry) => entry.term <= limit));
  }

  /** The first index of the term that `index` has. */
  firstOfTermAt(index: LogIndex): LogIndex {
    const wanted = this.termAt(index);
    assert(typeof wanted === 'number', 'an entry without a term has no first of its kind');
    const earlier = this.#countUntil(index, (entry) => entry.term < wanted);
    return logIndex(Math.min(this.#boundary + earlier + 1, index));
  }

  append(entry: Entry): void {
    this.#push(entry);
  }

  /** Removes the entries from `from` on; a write in progress no longer makes them durable. */
  truncate(from: LogIndex): void {
    assert(from > this.#boundary, 'a compacted entry is never truncated');
    this.#entries.length = from - this.#boundary - 1;
    this.#endOffsets.length = this.#entries.length;
    const kept = previous(from);
    if (this.#stable > kept) this.#stable = kept;
    if (this.#issued > kept) this.#issued = kept;
    if (this.#inProgress > kept) this.#inProgress = kept;
    this.#configurations.truncate(from);
  }

  /** Removes entries up to `index`, which a snapshot covers. */
  compact(index: LogIndex): void {
    if (index <= this.#boundary) return;
    const boundaryTerm = this.termAt(index);
    assert(index <= this.#stable, 'only durable entries are compacted');
    assert(typeof boundaryTerm === 'number', 'only existing entries are compacted');
    this.#startOffset = this.#offsetAt(index);
    this.#entries = this.#entries.slice(index - this.#boundary);
    this.#endOffsets = this.#endOffsets.slice(index - this.#boundary);
    this.#boundary = index;
    this.#boundaryTerm = boundaryTerm;
    this.#configurations.compact(index);
  }

  /**
   * The snapshot takes the place of the whole log. Nothing is durable until the next write ends.
   */
  replace(snapshot: SnapshotMetadata): void {
    this.#entries = [];
    this.#endOffsets = [];
    this.#boundary = snapshot.lastIncludedIndex;
    this.#boundaryTerm = snapshot.lastIncludedTerm;
    this.#stable = noIndex;
    this.#inProgress = noIndex;
    this.#issued = this.#boundary;
    this.#replacement = snapshot;
    this.#configurations = new ConfigurationHistory(this.#boundary, snapshot.configuration);
  }

  /** The snapshot that the next write puts in the place of the log. */
  get replacement(): SnapshotMetadata | undefined {
    return this.#replacement;
  }

  get hasNextUnstable(): boolean {
    return this.#replacement !== undefined || this.#issued < this.lastIndex;
  }

  /** The next write carries this. From now on it counts as in progress. */
  takeUnstable(): Unstable {
    const snapshot = this.#replacement;
    const entries = this.#entries.slice(this.#issued - this.#boundary);
    this.#replacement = undefined;
    this.#issued = this.lastIndex;
    this.#inProgress = this.lastIndex;
    return { entries, snapshot };
  }

  /** The write in progress has ended. */
  persisted(): void {
    if (this.#inProgress > this.#stable) this.#stable = this.#inProgress;
    this.#inProgress = noIndex;
  }

  /** Which write makes everything up to `index` durable; it may have ended already. */
  durableWith(index: LogIndex): 'earlier' | 'inProgress' | 'next' {
    if (index <= this.#stable) return 'earlier';
    return index <= this.#inProgress ? 'inProgress' : 'next';
  }

  #push(entry: Entry): void {
    assert(entry.index === this.#boundary + this.#entries.length + 1, 'a gap in the log');
    assert(entry.term >= (this.#entries.at(-1)?.term ?? 0), 'terms never fall along the log');
    this.#endOffsets.push(this.#offsetAt(this.lastIndex) + entryBytes(entry.data));
    this.#entries.push(entry);
    if (entry.type === 'configuration' && entry.index > this.#configurations.newestIndex) {
      this.#configurations.append(entry.index, decodeConfiguration(entry.data));
    }
  }

  #offsetAt(index: LogIndex): number {
    if (index === this.#boundary) return this.#startOffset;
    const offset = this.#endOffsets[index - this.#boundary - 1];
    assert(offset !== undefined, 'the size of entries outside the log was asked for');
    return offset;
  }

  /** How many entries up to `to` satisfy a condition that holds for a beginning of the log. */
  #countUntil(to: LogIndex, holds: (entry: Entry) => boolean): number {
    let low = 0;
    let high = Math.max(0, to - this.#boundary);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#entries[middle];
      if (entry !== undefined && holds(entry)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
