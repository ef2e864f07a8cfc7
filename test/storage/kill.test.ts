import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { Child } from './child.js';
import { openLevel, temporaryDirectory } from './level-disk.js';
import { entries, plain } from './samples.js';

/** The log that the killed processes wrote, and the log that their last write may have left. */
interface Model {
  readonly acknowledged: unknown[];
  readonly attempted: unknown[];
}

function follow(log: readonly unknown[], lines: readonly string[]): Model {
  let acknowledged = [...log];
  let attempted = acknowledged;
  for (const line of lines) {
    const [word, first, last, inTerm] = line.split(' ');
    if (word === 'done') acknowledged = attempted;
    if (word !== 'try') continue;
    const written = plain(entries(Number(first), Number(last), Number(inTerm)));
    attempted = [...acknowledged.slice(0, Number(first) - 1), ...written];
  }
  return { acknowledged, attempted };
}

it('a process killed at any moment has lost nothing that it acknowledged', async (test) => {
  const dataDir = join(await temporaryDirectory(test), 'data');
  let log: unknown[] = [];
  for (const [boot, lines] of [
    [1, 30],
    [3, 301],
    [5, 150],
    [7, 77],
  ] as const) {
    const child = new Child(test, dataDir);
    await child.said(lines);
    await child.kill();
    const model = follow(log, child.lines);
    const storage = await openLevel(dataDir);
    const { start } = storage;
    await storage.close();
    assert.equal(start.boot, boot + 1);
    const first = start.entries[0]?.index ?? 0;
    assert.ok(first <= (start.snapshot?.lastIncludedIndex ?? 0) + 1);
    const found = JSON.stringify(plain(start.entries));
    const possible = [model.acknowledged, model.attempted].map((each) => each.slice(first - 1));
    const which = possible.findIndex((each) => JSON.stringify(each) === found);
    assert.notEqual(which, -1, `neither of ${JSON.stringify(possible)} but ${found}`);
    log = which === 0 ? model.acknowledged : model.attempted;
  }
  assert.ok(log.length > 100);
});

it('a directory that another process has open is refused, and its process is named', async (test) => {
  const dataDir = join(await temporaryDirectory(test), 'data');
  const child = new Child(test, dataDir, 'hold');
  await child.said(1);
  const inUse = { code: 'inUse', message: new RegExp(`process ${child.pid} has`) };
  await assert.rejects(openLevel(dataDir), inUse);
  child.signal('SIGSTOP');
  await assert.rejects(openLevel(dataDir), inUse, 'a process that was stopped still owns it');
  await child.kill();
  const storage = await openLevel(dataDir);
  assert.equal(storage.start.boot, 2);
  await storage.close();
});

it("the directory stays locked when LevelDB's own lock is lost", async (test) => {
  const dataDir = join(await temporaryDirectory(test), 'data');
  const storage = await openLevel(dataDir);
  // To open and close the lock file, as a backup does, gives the lock up.
  await readFile(join(dataDir, 'db/LOCK'));
  const child = new Child(test, dataDir, 'hold');
  await child.ended();
  assert.match(child.lines.join(), new RegExp(`failed inUse .*process ${process.pid} has`));
  await storage.close();
});
