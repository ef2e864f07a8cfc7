import { maskedCrc32c } from './crc32c.js';
import { VarintReader } from './varint-reader.js';

/*
 * LevelDB's manifest is a journal of edits of the set of live tables (doc/log_format.md, doc/impl.md and
 * db/version_edit.cc in its source). A table that no edit names is the rest of a compaction that a crash cut short.
 */

const blockBytes = 32 * 1024;
const headerBytes = 7;
const fragment = { full: 1, first: 2, middle: 3, last: 4 } as const;
const tag = {
  comparator: 1,
  logNumber: 2,
  nextFileNumber: 3,
  lastSequence: 4,
  compactPointer: 5,
  deletedFile: 6,
  newFile: 7,
  previousLogNumber: 9,
} as const;

/**
 * The numbers of the live tables. It stops at the first record that is not whole: whether that is
 * the torn end that a crash leaves, or damage, LevelDB finds out itself when it opens.
 */
export function liveTables(manifest: Buffer): ReadonlySet<number> {
  const tables = new Set<number>();
  for (const edit of records(manifest)) {
    if (!applyEdit(new VarintReader(edit), tables)) break;
  }
  return tables;
}

function* records(journal: Buffer): Generator<Buffer> {
  let fragments: Buffer[] = [];
  let at = 0;
  while (at + headerBytes <= journal.length) {
    const leftInBlock = blockBytes - (at % blockBytes);
    if (leftInBlock < headerBytes) {
      at += leftInBlock;
      continue;
    }
    const end = at + headerBytes + journal.readUInt16LE(at + 4);
    const body = journal.subarray(at + 6, end);
    if (end > journal.length || maskedCrc32c(body) !== journal.readUInt32LE(at)) return;
    const type = journal.readUInt8(at + 6);
    if (type === fragment.full || type === fragment.first) fragments = [];
    fragments.push(body.subarray(1));
    if (type === fragment.full || type === fragment.last) yield Buffer.concat(fragments);
    at = end;
  }
}

/** False when the edit is not understood. */
function applyEdit(reader: VarintReader, tables: Set<number>): boolean {
  while (!reader.isAtEnd) {
    switch (reader.number()) {
      case tag.comparator:
        reader.bytes();
        break;
      case tag.logNumber:
      case tag.nextFileNumber:
      case tag.lastSequence:
      case tag.previousLogNumber:
        reader.number();
        break;
      case tag.compactPointer:
        reader.number();
        reader.bytes();
        break;
      case tag.deletedFile:
        reader.number();
        tables.delete(reader.number());
        break;
      case tag.newFile:
        reader.number();
        tables.add(reader.number());
        reader.number();
        reader.bytes();
        reader.bytes();
        break;
      default:
        return false;
    }
  }
  return true;
}
