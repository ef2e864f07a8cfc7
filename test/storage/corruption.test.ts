import assert from 'node:assert/strict';
import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { logIndex } from '../../src/ids.js';
import type { Storage } from '../../src/storage/storage.js';
import { assertRefused, type Content, contentOf } from './content.js';
import { copyDataDirectory, memoryDirectory, openLevel } from './level-disk.js';
import { entries, hardState, metadata, somebody, storeSnapshot, writeOf } from './samples.js';

/** Writes of every kind, so that whatever is lost is missed. The last one is of entries. */
async function live(storage: Storage): Promise<void> {
  for (let first = 1; first <= 120; first += 4) {
    await storage.write(writeOf(hardState(1, first - 1), entries(first, first + 3, 1)));
  }
  await storage.write(writeOf(hardState(2, 110, somebody)));
  await storage.write(writeOf(hardState(2, 110, somebody), entries(115, 125, 2)));
  await storeSnapshot(storage, metadata(60, 1));
  await storage.compact(logIndex(50));
  for (let first = 126; first <= 200; first += 3) {
    await storage.write(writeOf(hardState(3, 120), entries(first, first + 2, 3)));
  }
  await storeSnapshot(storage, metadata(100, 1));
  await storage.write(writeOf(hardState(4, 150), entries(180, 190, 4)));
  await storage.write(writeOf(hardState(4, 150), entries(191, 192, 4)));
}

interface Reference {
  readonly dataDir: string;
  readonly content: Content;
}

/**
 * A member that was closed in order, with its last writes in LevelDB's journal or in its tables.
 */
async function closedMember(test: TestContext, isInTables: boolean): Promise<Reference> {
  const dataDir = join(await memoryDirectory(test), 'data');
  const storage = await openLevel(dataDir);
  await live(storage);
  await storage.close();
  const copy = `${dataDir}.copy`;
  await copyDataDirectory(dataDir, copy);
  const reopened = await openLevel(copy);
  const content = await contentOf(reopened);
  await reopened.close();
  return { dataDir: isInTables ? copy : dataDir, content };
}

/** The largest of its kind: where most of the log is. */
async function fileOf(dataDir: string, kind: string): Promise<string> {
  const directory = join(dataDir, 'db');
  const names = await readdir(directory);
  const paths = names.filter((name) => name.includes(kind)).map((name) => join(directory, name));
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  return paths[sizes.indexOf(Math.max(...sizes))] ?? assert.fail(`no ${kind} among ${names}`);
}

/**
 * Opens a damaged copy. It holds everything, or says that it does not; true when it was refused.
 */
async function isRefused(
  reference: Reference,
  what: string,
  damage: (dataDir: string) => Promise<void>,
): Promise<boolean> {
  const copy = `${reference.dataDir}.damaged`;
  await copyDataDirectory(reference.dataDir, copy);
  try {
    await damage(copy);
    const storage = await openLevel(copy);
    const content = await contentOf(storage);
    await storage.close();
    assert.deepEqual(content, reference.content, what);
    return false;
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    assertRefused(error, what);
    return true;
  } finally {
    await rm(copy, { recursive: true });
  }
}

async function flip(path: string, position: number, bit: number): Promise<void> {
  const bytes = await readFile(path);
  bytes.writeUInt8(bytes.readUInt8(position) ^ (1 << bit), position);
  await writeFile(path, bytes);
}

/** Places spread over a file: not at regular distances, which might fall between what matters. */
async function placesIn(path: string, count: number): Promise<number[]> {
  const { length } = await readFile(path);
  return Array.from({ length: count }, (_, at) =>
    Math.floor(((at + ((at * 7919) % 97) / 97) / count) * length),
  );
}

for (const [where, ending, isInTables, flips] of [
  ["LevelDB's journal", '.log', false, 70],
  ["LevelDB's tables", '.ldb', true, 60],
  ["LevelDB's manifest", 'MANIFEST', true, 25],
] as const) {
  it(`one flipped bit in ${where} never loses what was acknowledged`, async (test) => {
    const reference = await closedMember(test, isInTables);
    const places = await placesIn(await fileOf(reference.dataDir, ending), flips);
    let refused = 0;
    for (const [at, position] of places.entries()) {
      const what = `bit ${at % 8} of byte ${position} of ${ending}`;
      const wasRefused = await isRefused(reference, what, async (dataDir) =>
        flip(await fileOf(dataDir, ending), position, at % 8),
      );
      if (wasRefused) refused += 1;
    }
    assert.ok(refused > flips / 10, `only ${refused} of ${flips} were noticed`);
  });
}

it('a journal whose tail is gone never opens short', async (test) => {
  const reference = await closedMember(test, false);
  const { length } = await readFile(await fileOf(reference.dataDir, '.log'));
  for (const cut of [1, 7, 100, 1000, Math.floor(length / 2), length - 1]) {
    const refused = await isRefused(reference, `${cut} bytes cut`, async (dataDir) =>
      truncate(await fileOf(dataDir, '.log'), length - cut),
    );
    assert.ok(refused, `${cut} bytes cut`);
  }
});

describe('what is missing as a whole is noticed', () => {
  const losses: Readonly<Record<string, (dataDir: string) => Promise<void>>> = {
    'the journal': async (dataDir) => rm(await fileOf(dataDir, '.log')),
    'what CURRENT says': async (dataDir) => truncate(join(dataDir, 'db/CURRENT')),
    CURRENT: async (dataDir) => rm(join(dataDir, 'db/CURRENT')),
    'the manifest': async (dataDir) => rm(await fileOf(dataDir, 'MANIFEST')),
    'a table': async (dataDir) => {
      await (await openLevel(dataDir)).close();
      await rm(await fileOf(dataDir, '.ldb'));
    },
    'all that is in the database': async (dataDir) => {
      for (const name of await readdir(join(dataDir, 'db'))) await rm(join(dataDir, 'db', name));
    },
    'the database': async (dataDir) => rm(join(dataDir, 'db'), { recursive: true }),
    'the watermark': async (dataDir) => rm(join(dataDir, 'watermark')),
    'half of the watermark': async (dataDir) => truncate(join(dataDir, 'watermark'), 40),
    'all of the watermark': async (dataDir) => truncate(join(dataDir, 'watermark')),
  };
  for (const [what, lose] of Object.entries(losses)) {
    it(what, async (test) => {
      const reference = await closedMember(test, false);
      assert.ok(await isRefused(reference, what, lose));
      assert.ok(!(await isRefused(reference, 'nothing', async () => undefined)));
    });
  }
});

it('every flipped bit of the watermark is noticed', async (test) => {
  const reference = await closedMember(test, false);
  const { length } = await readFile(join(reference.dataDir, 'watermark'));
  for (let position = 0; position < length; position += 1) {
    const damage = (dataDir: string): Promise<void> =>
      flip(join(dataDir, 'watermark'), position, position % 8);
    assert.ok(await isRefused(reference, `byte ${position} of the watermark`, damage));
  }
});

it("an older copy of the database beside today's watermark is refused", async (test) => {
  const dataDir = join(await memoryDirectory(test), 'data');
  const old = `${dataDir}.old`;
  const first = await openLevel(dataDir);
  await first.write(writeOf(hardState(1), entries(1, 10, 1)));
  await first.close();
  await copyDataDirectory(dataDir, old);
  for (const [what, write] of [
    ['a vote', writeOf(hardState(1, 0, somebody))],
    ['a term', writeOf(hardState(2))],
    ['an entry', writeOf(hardState(2), entries(11, 11, 2))],
    ['a shorter log', writeOf(hardState(2), entries(9, 9, 2))],
  ] as const) {
    const storage = await openLevel(dataDir);
    await storage.write(write);
    await storage.close();
    const mixed = `${dataDir}.mixed`;
    await copyDataDirectory(old, mixed);
    await writeFile(join(mixed, 'watermark'), await readFile(join(dataDir, 'watermark')));
    await assert.rejects(openLevel(mixed), (error) => {
      assertRefused(error, what);
      return true;
    });
    await rm(mixed, { recursive: true });
  }
});

it('a database and a watermark of two members do not go together', async (test) => {
  const directory = await memoryDirectory(test);
  for (const name of ['one', 'other']) await (await openLevel(join(directory, name))).close();
  await rm(join(directory, 'one/watermark'));
  await writeFile(
    join(directory, 'one/watermark'),
    await readFile(join(directory, 'other/watermark')),
  );
  await assert.rejects(openLevel(join(directory, 'one')), (error) => {
    assertRefused(error, 'a watermark of another directory');
    return true;
  });
});

it('a refused start changes nothing that the next one would go by', async (test) => {
  const { dataDir } = await closedMember(test, false);
  await truncate(await fileOf(dataDir, '.log'), 1000);
  const watermark = await readFile(join(dataDir, 'watermark'));
  for (const _ of [1, 2, 3]) {
    await assert.rejects(openLevel(dataDir), (error) => {
      assertRefused(error, 'a cut journal');
      return true;
    });
    assert.deepEqual(await readFile(join(dataDir, 'watermark')), watermark);
  }
});
