import { join } from 'node:path';
import { Level } from 'level';

export type RawDatabase = Level<Buffer, Buffer>;

/** LevelDB as it is, under a storage that is closed. */
export async function withRawDatabase<Result>(
  dataDir: string,
  use: (database: RawDatabase) => Promise<Result>,
): Promise<Result> {
  const database = new Level<Buffer, Buffer>(join(dataDir, 'db'), {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    compression: false,
    writeBufferSize: 64 * 1024,
  });
  await database.open();
  try {
    return await use(database);
  } finally {
    await database.close();
  }
}

/** How many records there are of each kind, by the first byte of the key. */
export function countRows(
  dataDir: string,
): Promise<{ roots: number; records: number; manifests: number; chunks: number }> {
  return withRawDatabase(dataDir, async (database) => {
    const keys = await database.keys().all();
    const count = (prefix: number): number => keys.filter((key) => key[0] === prefix).length;
    return { roots: count(1), records: count(2), manifests: count(3), chunks: count(4) };
  });
}
