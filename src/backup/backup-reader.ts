import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { releaseFormats } from '../encoding/format-range.js';
import { decodeVersioned } from '../encoding/versioned.js';
import { BackupError, damaged, ofBackup } from './backup-error.js';
import {
  type BackupEnd,
  type BackupHead,
  type BackupRecord,
  backupFormat,
  firstLine,
} from './backup-format.js';

const lengthBytes = 4;
const checksumBytes = 4;

/** No release writes a longer record; one that claims to be is refused before it is read. */
const recordBytesMax = 1024 * 1024;

/** What a backup says of itself. */
export interface BackupSummary {
  readonly head: BackupHead;
  readonly end: BackupEnd;
  /** The length of the file. */
  readonly bytes: number;
  /** The SHA-256 of the file, in hexadecimal digits. */
  readonly fingerprint: string;
}

/**
 * Reads a backup, whose bytes come in pieces of any length, and verifies each record before it uses
 * it. What it keeps in memory is bounded.
 */
export class BackupReader {
  readonly #onChunk: (data: Uint8Array) => void;
  readonly #digest = createHash('sha256');
  #rest: Buffer = Buffer.alloc(0);
  #bytes = 0;
  #hasFirstLine = false;
  #head: BackupHead | undefined;
  #chunks = 0;
  #stateBytes = 0;
  #end: BackupEnd | undefined;

  /** @param onChunk is given the chunks of the state, in their order. */
  constructor(onChunk: (data: Uint8Array) => void) {
    this.#onChunk = onChunk;
  }

  /** @throws {BackupError} */
  push(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    this.#rest = this.#rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#rest, bytes]);
    if (!this.#hasFirstLine && !this.#readFirstLine()) return;
    for (let record = this.#nextRecord(); record !== undefined; record = this.#nextRecord()) {
      this.#take(record);
    }
    if (this.#end !== undefined && this.#rest.length > 0) throw damaged('it goes on after its end');
  }

  /**
   * All bytes were pushed.
   * @throws {BackupError} when some are missing.
   */
  finish(): BackupSummary {
    if (!this.#hasFirstLine) throw foreign();
    if (this.#head === undefined || this.#end === undefined) {
      throw damaged(`it is cut off after ${this.#bytes} bytes`);
    }
    const fingerprint = this.#digest.digest('hex');
    return { head: this.#head, end: this.#end, bytes: this.#bytes, fingerprint };
  }

  #readFirstLine(): boolean {
    const begun = this.#rest.subarray(0, firstLine.length);
    if (!firstLine.subarray(0, begun.length).equals(begun)) throw foreign();
    if (begun.length < firstLine.length) return false;
    this.#consume(firstLine.length);
    this.#hasFirstLine = true;
    return true;
  }

  /** Undefined while its end has not come yet. */
  #nextRecord(): BackupRecord | undefined {
    if (this.#end !== undefined || this.#rest.length < lengthBytes) return undefined;
    const length = this.#rest.readUInt32LE(0);
    if (length <= checksumBytes || length > recordBytesMax)
      throw damaged(`a record of ${length} bytes`);
    if (this.#rest.length < lengthBytes + length) return undefined;
    const content = this.#rest.subarray(lengthBytes, lengthBytes + length - checksumBytes);
    const checksum = this.#rest.readUInt32BE(lengthBytes + length - checksumBytes);
    if (crc32(content) !== checksum) {
      throw damaged(
        `the record at byte ${this.#bytes - this.#rest.length} does not match its checksum`,
      );
    }
    const record = decode(content);
    if (record.type === 'end') this.#requireDigest(record.digest);
    this.#consume(lengthBytes + length);
    return record;
  }

  #consume(length: number): void {
    this.#digest.update(this.#rest.subarray(0, length));
    this.#rest = this.#rest.subarray(length);
  }

  #requireDigest(digest: Uint8Array): void {
    if (this.#digest.copy().digest().equals(digest)) return;
    throw damaged('its content does not match its checksum');
  }

  #take(record: BackupRecord): void {
    if ((record.type === 'head') !== (this.#head === undefined)) {
      throw damaged('its head is missing, or comes twice');
    }
    if (record.type === 'head') this.#head = record;
    else if (record.type === 'chunk') this.#takeChunk(record.number, record.data);
    else this.#takeEnd(record);
  }

  #takeChunk(number: number, data: Uint8Array): void {
    if (number !== this.#chunks) {
      throw damaged(`part ${number} comes where part ${this.#chunks} was due`);
    }
    this.#chunks += 1;
    this.#stateBytes += data.length;
    this.#onChunk(data);
  }

  #takeEnd(end: BackupEnd): void {
    if (end.chunks !== this.#chunks || end.stateBytes !== this.#stateBytes) {
      throw damaged('a part of it is missing');
    }
    this.#end = end;
  }
}

function decode(content: Uint8Array): BackupRecord {
  return ofBackup(() =>
    decodeVersioned(backupFormat, content, 'the backup', releaseFormats.highest),
  );
}

function foreign(): BackupError {
  return new BackupError('foreign', 'it is no backup of Conclave');
}
