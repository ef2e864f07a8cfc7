import { maskedCrc32c } from './crc32c.js';
import { VarintReader } from './varint-reader.js';

/*
 * LevelDB's table (doc/table_format.md in its source): data blocks, one filter block, the index of filters, the
 * index of data blocks, each followed by its type(1) and its checksum(4); then a footer of 48 bytes. They
 * lie one after the other, and are uncompressed, because the database is opened so.
 */

const footerBytes = 48;
const trailerBytes = 5;
const uncompressed = 0;
const magic = Buffer.from('57fb808b247547db', 'hex');

interface Handle {
  readonly offset: number;
  readonly size: number;
}

/**
 * What is wrong with a table; undefined when every block has the checksum it was written with.
 * LevelDB itself verifies none when it reads: it serves a damaged value, or aborts the process.
 */
export function faultOfTable(table: Buffer): string | undefined {
  const footer = table.subarray(-footerBytes);
  if (footer.length < footerBytes || !footer.subarray(-magic.length).equals(magic)) {
    return 'its footer is damaged';
  }
  const reader = new VarintReader(footer);
  const filterIndex = handle(reader);
  const index = handle(reader);
  if (!isSound(table, filterIndex) || !isSound(table, index)) return 'its index is damaged';
  let end = 0;
  for (const block of dataBlocks(table.subarray(index.offset, index.offset + index.size))) {
    if (!isSound(table, block)) return `its block at byte ${block.offset} is damaged`;
    end = block.offset + block.size + trailerBytes;
  }
  const filter = { offset: end, size: filterIndex.offset - end - trailerBytes };
  return filterIndex.offset === end || isSound(table, filter) ? undefined : 'its filter is damaged';
}

function handle(reader: VarintReader): Handle {
  return { offset: reader.number(), size: reader.number() };
}

function isSound(table: Buffer, { offset, size }: Handle): boolean {
  const end = offset + size + 1;
  if (size < 0 || end + 4 > table.length) return false;
  if (table[end - 1] !== uncompressed) return false;
  return maskedCrc32c(table.subarray(offset, end)) === table.readUInt32LE(end);
}

/**
 * An index block is a list of keys, each sharing a prefix with the one before, and of handles; then
 * restart points.
 */
function dataBlocks(index: Buffer): Handle[] {
  const restarts = index.readUInt32LE(index.length - 4);
  const reader = new VarintReader(index.subarray(0, index.length - 4 - restarts * 4));
  const handles: Handle[] = [];
  while (!reader.isAtEnd) {
    reader.number();
    const unsharedBytes = reader.number();
    const valueBytes = reader.number();
    reader.skip(unsharedBytes);
    handles.push(handle(new VarintReader(reader.skip(valueBytes))));
  }
  return handles;
}
