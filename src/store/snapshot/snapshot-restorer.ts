import { assert } from '../../assert.js';
import { MalformedError } from '../../encoding/format-error.js';
import { readVersion, type WireReader, wireReader } from '../../encoding/wire.js';
import type { StateParts } from '../state-parts.js';
import { type Head, recordBytesMax } from './snapshot-format.js';
import { type RestoredState, StateRestorer } from './state-restorer.js';

/** The size of the length in front of a record. */
const lengthBytes = 4;

/**
 * Builds a second state from the chunks of a snapshot. The live state stays in use until the new
 * one is complete and is installed.
 */
export class SnapshotRestorer {
  readonly #onInstall: (state: RestoredState) => void;
  readonly #state: StateRestorer;
  readonly #highest: number;
  #whole: RestoredState | undefined;
  /** The beginning of a record whose end has not been pushed yet. */
  #rest: Uint8Array[] = [];
  #restBytes = 0;
  /** The number of bytes to wait for before reading on. */
  #needed = 1;
  #hasVersion = false;

  /**
   * @param parts are empty.
   * @param highest the newest format version that is understood.
   */
  constructor(
    parts: StateParts,
    highest: number,
    now: number,
    onInstall: (state: RestoredState) => void,
  ) {
    this.#state = new StateRestorer(parts, now);
    this.#highest = highest;
    this.#onInstall = onInstall;
  }

  /** The head of the snapshot; undefined until it was read. */
  get head(): Head | undefined {
    return this.#state.head;
  }

  /**
   * @throws {MalformedError} for bytes that are no snapshot.
   * @throws {NewerFormatError} for the snapshot of a newer release.
   */
  push(chunk: Uint8Array): void {
    this.#rest.push(chunk);
    this.#restBytes += chunk.length;
    if (this.#restBytes < this.#needed) return;
    const bytes = this.#rest.length === 1 ? chunk : Buffer.concat(this.#rest);
    const reader = wireReader(bytes);
    try {
      this.#readRecords(reader);
    } catch (error) {
      if (error instanceof RangeError)
        throw new MalformedError('bytes are missing', { cause: error });
      throw error;
    }
    const rest = bytes.subarray(reader.pos);
    this.#rest = rest.length === 0 ? [] : [rest];
    this.#restBytes = rest.length;
  }

  #readRecords(reader: WireReader): void {
    this.#needed = 1;
    if (!this.#hasVersion && reader.len > 0) {
      readVersion(reader, 'the snapshot', this.#highest);
      this.#hasVersion = true;
    }
    for (;;) {
      const start = reader.pos;
      const end = endOfRecord(reader);
      if (end === undefined || end > reader.len) {
        reader.pos = start;
        this.#needed = end === undefined ? reader.len - start + 1 : end - start;
        return;
      }
      this.#state.read(reader);
      if (reader.pos !== end) throw new MalformedError('a record is not as long as it says');
    }
  }

  /**
   * The last chunk was pushed. Costs no more for a large state than for a small one.
   * @throws {MalformedError} when something is missing.
   */
  finish(): void {
    if (this.#restBytes > 0) throw new MalformedError('the snapshot ends within a record');
    this.#whole = this.#state.finish();
  }

  /** Replaces the live state by the finished one, in one step. */
  install(): void {
    assert(this.#whole !== undefined, 'only a whole state is installed');
    this.#onInstall(this.#whole);
  }
}

/** The position of the next record's end; undefined if its length cannot be read yet. */
function endOfRecord(reader: WireReader): number | undefined {
  if (reader.len - reader.pos < lengthBytes) return undefined;
  const length = reader.fixed32();
  if (length > recordBytesMax) throw new MalformedError(`a record of ${length} bytes`);
  return reader.pos + length;
}
