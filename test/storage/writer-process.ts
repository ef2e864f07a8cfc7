import { writeSync } from 'node:fs';
import { logIndex } from '../../src/ids.js';
import { isErrorCode } from '../../src/storage/files.js';
import type { LevelStorage } from '../../src/storage/level-storage.js';
import { openLevel } from './level-disk.js';
import { entries, hardState, metadata, storeSnapshot, writeOf } from './samples.js';

/*
 * A process that owns a data directory until it is killed: `writer-process.ts DIRECTORY [hold]`. On its
 * output it says `open`, and around each write `try FIRST LAST TERM` and `done`. `hold` only opens.
 */

/** At once and whole: a killed process has said everything that it knew. */
function say(line: string): void {
  for (let rest = Buffer.from(`${line}\n`); rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      // The reader is slow, and the pipe does not block.
      if (!isErrorCode(error, 'EAGAIN')) throw error;
    }
  }
}

async function writeOn(storage: LevelStorage): Promise<void> {
  const { start } = storage;
  let last = start.entries.at(-1)?.index ?? start.snapshot?.lastIncludedIndex ?? 0;
  let inTerm = start.hardState.currentTerm + 1;
  let floor = start.snapshot?.lastIncludedIndex ?? 0;
  for (let round = 1; ; round += 1) {
    const isTruncating = round % 7 === 0 && last - 3 > floor;
    if (isTruncating) inTerm += 1;
    const first = isTruncating ? last - 2 : last + 1;
    last = first + (round % 5);
    say(`try ${first} ${last} ${inTerm}`);
    await storage.write(writeOf(hardState(inTerm), entries(first, last, inTerm)));
    say('done');
    if (round % 40 !== 0) continue;
    floor = last;
    await storeSnapshot(storage, metadata(floor, inTerm));
    await storage.compact(logIndex(floor - 10));
  }
}

async function main(dataDir: string, mode: string | undefined): Promise<void> {
  const storage = await openLevel(dataDir);
  say('open');
  if (mode === 'hold') setInterval(() => undefined, 60_000);
  else await writeOn(storage);
}

main(process.argv[2] ?? '', process.argv[3]).catch((error: unknown) => {
  const code = error instanceof Error && 'code' in error ? error.code : 'none';
  say(`failed ${String(code)} ${String(error)}`);
  process.exitCode = 1;
});
