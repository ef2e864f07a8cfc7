import { assert } from '../assert.js';
import { type LogIndex, logIndex, next, previous, type Term, term } from '../ids.js';
import type { Entry } from '../raft/entry.js';
import { corrupt } from './corruption.js';
import type { Database, Operation } from './database.js';
import { indexOfLogKey, logAfterGeneration, logFrom, logKey } from './keys.js';
import { decodeRecord, encodeRecord } from './log-record.js';
import { emptyLog, type LogExtent } from './root-record.js';
import type { StorageError } from './storage-error.js';
import type { LogEnd } from './watermark-record.js';

/** Where one record stands, for the next writes. */
interface RecordPosition {
  readonly firstIndex: LogIndex;
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
  readonly chain: number;
}

/** A change of the log: what it does to the database, and what to call once that is durable. */
export interface LogChange {
  readonly operations: readonly Operation[];
  readonly extent: LogExtent;
  /** The last entry that is kept of the old log; undefined when nothing of it is truncated. */
  readonly truncatedTo: LogEnd | undefined;
  readonly adopt: () => void;
}

/**
 * The positions of the log's records. Their entries are read at the start, and when a write cuts a
 * record in two.
 */
export class LogPositions {
  readonly #database: Database;
  #extent: LogExtent;
  #records: RecordPosition[];

  private constructor(database: Database, extent: LogExtent, records: RecordPosition[]) {
    this.#database = database;
    this.#extent = extent;
    this.#records = records;
  }

  /**
   * @throws StorageError `corrupt` unless the log that the root describes is there, to the last
   *   bit.
   */
  static async load(
    database: Database,
    extent: LogExtent,
  ): Promise<{ readonly log: LogPositions; readonly entries: readonly Entry[] }> {
    const records: RecordPosition[] = [];
    const entries: Entry[] = [];
    let expected = extent.firstIndex;
    let chain = extent.baseChain;
    for await (const rows of database.rows(logFrom(extent.generation, extent.firstIndex))) {
      for (const [key, bytes] of rows) {
        const found = indexOfLogKey(key);
        if (found !== expected) throw gap(expected, found, extent.lastIndex);
        const record = decodeRecord(bytes, expected, chain);
        for (const entry of record.entries) entries.push(entry);
        records.push(positionOf(record.entries, record.chain));
        expected = logIndex(expected + record.entries.length);
        chain = record.chain;
      }
    }
    if (expected !== extent.lastIndex + 1) {
      throw corrupt(
        `the log ends at index ${expected - 1}, the root record says ${extent.lastIndex}`,
      );
    }
    if (chain !== extent.lastChain) throw corrupt('the log is not the one that was written last');
    if (!(await database.isEmpty(logAfterGeneration(extent.generation)))) {
      throw corrupt('the log holds records that are newer than the root record');
    }
    return { log: new LogPositions(database, extent, records), entries };
  }

  get extent(): LogExtent {
    return this.#extent;
  }

  /** The last entry; its term is zero when the log is empty. */
  get logEnd(): LogEnd {
    const last = this.#records.at(-1);
    return { index: this.#extent.lastIndex, term: last?.lastTerm ?? term(0) };
  }

  /** The entries replace whatever there is from the first of them on, and become one record. */
  async append(entries: readonly Entry[]): Promise<LogChange> {
    const first = entries[0]?.index;
    if (first === undefined) return this.unchanged();
    if (first === this.#extent.lastIndex + 1) return this.#extend(this.#extent, entries, undefined);
    return this.#overwrite(first, entries);
  }

  /** Replaces the log by a new one that continues after `lastIndex` and begins with `entries`. */
  restart(lastIndex: LogIndex, entries: readonly Entry[]): LogChange {
    const extent = emptyLog(this.#extent.generation + 1, lastIndex);
    const truncatedTo =
      lastIndex < this.#extent.lastIndex ? { index: lastIndex, term: term(0) } : undefined;
    const change =
      entries.length === 0
        ? { ...this.unchanged(), extent }
        : this.#extend(extent, entries, undefined);
    return {
      ...change,
      truncatedTo,
      adopt: () => {
        this.#records = [];
        change.adopt();
        this.#extent = change.extent;
      },
    };
  }

  /** Drops the whole records up to `index`. Their bytes may be deleted once this is durable. */
  compact(index: LogIndex): LogChange | undefined {
    const keptFrom = this.#records.findIndex((record) => record.lastIndex > index);
    const dropped = keptFrom === -1 ? this.#records.length : keptFrom;
    const last = this.#records[dropped - 1];
    if (last === undefined) return undefined;
    const firstIndex = next(last.lastIndex);
    const extent: LogExtent = { ...this.#extent, firstIndex, baseChain: last.chain };
    return {
      operations: [],
      extent,
      truncatedTo: undefined,
      adopt: () => {
        this.#records = this.#records.slice(dropped);
        this.#extent = extent;
      },
    };
  }

  unchanged(): LogChange {
    return {
      operations: [],
      extent: this.#extent,
      truncatedTo: undefined,
      adopt: () => undefined,
    };
  }

  #extend(
    before: LogExtent,
    entries: readonly Entry[],
    truncatedTo: LogEnd | undefined,
  ): LogChange {
    const record = encodeRecord(next(before.lastIndex), entries, before.lastChain);
    const position = positionOf(entries, record.chain);
    const extent: LogExtent = {
      ...before,
      lastIndex: position.lastIndex,
      lastChain: position.chain,
    };
    const key = logKey(before.generation, position.firstIndex);
    return {
      operations: [{ type: 'put', key, value: record.bytes }],
      extent,
      truncatedTo,
      adopt: () => {
        this.#records.push(position);
        this.#extent = extent;
      },
    };
  }

  /** A record that the write cuts in two is written again: its kept entries, then `entries`. */
  async #overwrite(first: LogIndex, entries: readonly Entry[]): Promise<LogChange> {
    const position = this.#records.findLastIndex((record) => record.lastIndex < first) + 1;
    const before = this.#records[position - 1];
    const replaced = this.#records.slice(position);
    const cut = replaced[0];
    assert(cut !== undefined, `no record holds entry ${first}`);
    const previousChain = before?.chain ?? this.#extent.baseChain;
    const left =
      cut.firstIndex < first
        ? (await this.#read(cut, previousChain)).slice(0, first - cut.firstIndex)
        : [];
    const change = this.#extend(
      { ...this.#extent, lastIndex: previous(cut.firstIndex), lastChain: previousChain },
      [...left, ...entries],
      { index: previous(first), term: left.at(-1)?.term ?? before?.lastTerm ?? term(0) },
    );
    const deletes = replaced.slice(1).map(({ firstIndex }): Operation => {
      return { type: 'del', key: logKey(this.#extent.generation, firstIndex) };
    });
    return {
      ...change,
      operations: [...deletes, ...change.operations],
      adopt: () => {
        this.#records.length = position;
        change.adopt();
      },
    };
  }

  async #read(position: RecordPosition, previousChain: number): Promise<readonly Entry[]> {
    const bytes = await this.#database.get(logKey(this.#extent.generation, position.firstIndex));
    if (bytes === undefined)
      throw corrupt(`the log record at index ${position.firstIndex} is gone`);
    return decodeRecord(bytes, position.firstIndex, previousChain).entries;
  }
}

function positionOf(entries: readonly Entry[], chain: number): RecordPosition {
  const [first] = entries;
  const last = entries.at(-1);
  assert(first !== undefined && last !== undefined, 'a record holds at least one entry');
  return { firstIndex: first.index, lastIndex: last.index, lastTerm: last.term, chain };
}

function gap(expected: LogIndex, found: number, lastIndex: LogIndex): StorageError {
  return found > expected
    ? corrupt(`the log has a gap: entries ${expected} to ${found - 1} of ${lastIndex} are missing`)
    : corrupt(`the log holds entry ${found} twice`);
}
