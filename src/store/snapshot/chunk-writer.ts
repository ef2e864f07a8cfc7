import { ByteWriter } from '../../encoding/byte-writer.js';

const lengthBytes = 4;

/** Writes the records of a snapshot, and gives them away in chunks. */
export class ChunkWriter extends ByteWriter {
  #recordStart = 0;

  /**
   * The length is written in front of a record, so that a reader knows when the record is complete.
   */
  beginRecord(type: number): void {
    this.#recordStart = this.skip(lengthBytes);
    this.uint32(type);
  }

  endRecord(): void {
    this.uint32LEAt(this.#recordStart, this.length - this.#recordStart - lengthBytes);
  }
}
