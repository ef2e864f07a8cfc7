import type { RecordFormat } from '../../encoding/record-format.js';
import type { WireReader, WireSink } from '../../encoding/wire.js';

/** A record that is to be written into a snapshot. */
export interface SnapshotRecord {
  readonly type: number;
  readonly write: (sink: WireSink) => void;
}

/** What is to be done with each record of one kind. */
export interface RecordReader {
  readonly type: number;
  readonly read: (reader: WireReader) => void;
}

/**
 * The records of one type. Types are in snapshots on disk: never change one, never use one again.
 */
export class RecordKind<T extends object> {
  readonly type: number;
  readonly #format: RecordFormat<T>;

  constructor(type: number, format: RecordFormat<T>) {
    this.type = type;
    this.#format = format;
  }

  write(sink: WireSink, record: T): void {
    this.#format.write(sink, record);
  }

  of(record: T): SnapshotRecord {
    return { type: this.type, write: (sink) => this.write(sink, record) };
  }

  reader(take: (record: T) => void): RecordReader {
    return { type: this.type, read: (reader) => take(this.#format.read(reader)) };
  }
}
