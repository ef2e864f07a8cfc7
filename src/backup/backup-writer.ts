import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { encodedBytes } from '../encoding/byte-writer.js';
import { writeVersioned } from '../encoding/versioned.js';
import { type BackupHead, type BackupRecord, backupFormat, firstLine } from './backup-format.js';

const lengthBytes = 4;
const checksumBytes = 4;

/** Makes the bytes of a backup, one record after the other. */
export class BackupWriter {
  readonly #digest = createHash('sha256');
  #chunks = 0;
  #stateBytes = 0;

  begin(): Buffer {
    return this.#put(firstLine);
  }

  head(head: Omit<BackupHead, 'type'>): Buffer {
    return this.#put(recordBytes({ type: 'head', ...head }));
  }

  chunk(data: Uint8Array): Buffer {
    const record = recordBytes({ type: 'chunk', number: this.#chunks, data });
    this.#chunks += 1;
    this.#stateBytes += data.length;
    return this.#put(record);
  }

  end(highestIndex: number): Buffer {
    return recordBytes({
      type: 'end',
      chunks: this.#chunks,
      stateBytes: this.#stateBytes,
      highestIndex,
      digest: this.#digest.digest(),
    });
  }

  #put(bytes: Buffer): Buffer {
    this.#digest.update(bytes);
    return bytes;
  }
}

/** Its length, its format version, its fields, and the CRC-32 of the version and the fields. */
function recordBytes(record: BackupRecord): Buffer {
  const bytes = encodedBytes((writer) => {
    writer.skip(lengthBytes);
    writeVersioned(writer, backupFormat, record);
    writer.skip(checksumBytes);
  });
  const end = bytes.length - checksumBytes;
  bytes.writeUInt32LE(bytes.length - lengthBytes, 0);
  bytes.writeUInt32BE(crc32(bytes.subarray(lengthBytes, end)), end);
  return bytes;
}
