import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { logIndex, term } from '../../src/ids.js';
import { backupOf, readBackup } from '../backup/samples.js';
import { set } from '../store/commands.js';
import { Log } from '../store/log.js';
import { rest } from '../store/snapshots.js';
import { ended, start } from './recorded-command.js';

function wholeBackup(): Buffer {
  const log = Log.empty();
  log.apply(set('/a', 'x'.repeat(100_000)));
  const from = { index: logIndex(1), term: term(1) };
  return backupOf(rest(log.machine.snapshot()), 1, from);
}

/** A member that breaks off so many downloads before it serves one. */
async function memberThatBreaks(times: number) {
  const backup = wholeBackup();
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    const isBroken = asked <= times;
    response.write(isBroken ? backup.subarray(0, 5000) : backup, () => {
      if (isBroken) response.destroy();
      else response.end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked: () => asked, close: () => server.close() };
}

test('a download that breaks off is begun again, and one that never ends well leaves the old file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'conclave-download-'));
  const file = join(folder, 'a.backup');
  writeFileSync(file, 'before');
  try {
    const never = await memberThatBreaks(100);
    const failed = await ended(start(['backup', file, '--endpoints', never.url]));
    never.close();
    assert.deepEqual([failed.code, never.asked()], [1, 3]);
    assert.match(failed.stderr, /backup: the backup is damaged: it is cut off after \d+ bytes; /);
    assert.equal(readFileSync(file, 'utf8'), 'before');
    assert.deepEqual(readdirSync(folder), ['a.backup']);

    const late = await memberThatBreaks(2);
    const saved = await ended(start(['backup', file, '--endpoints', late.url]));
    late.close();
    assert.deepEqual([saved.code, late.asked()], [0, 3]);
    assert.match(saved.stderr, /another attempt, since the backup is damaged: it is cut off/);
    assert.equal(readBackup(readFileSync(file)).head.index, 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
