import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AuditFile } from '../../src/service/audit-file.js';
import { silentLogger } from '../support/api-server.js';
import { LogRecorder } from '../support/log-recorder.js';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-audit-'));
});
after(() => rmSync(folder, { recursive: true }));

test('lines are appended in their order, for nobody else to read', async () => {
  const path = join(folder, 'order');
  const file = await AuditFile.open(path, silentLogger);
  const written = await Promise.all([file.write('a\n'), file.write('b\n'), file.write('c\n')]);
  assert.deepEqual(written, [true, true, true]);
  await file.close();
  const again = await AuditFile.open(path, silentLogger);
  await again.write('d\n');
  await again.close();
  assert.equal(readFileSync(path, 'utf8'), 'a\nb\nc\nd\n');
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a file that was moved away is opened anew', async () => {
  const path = join(folder, 'rotated');
  const file = await AuditFile.open(path, silentLogger);
  await file.write('a\n');
  renameSync(path, `${path}.1`);
  await file.write('b\n');
  await file.reopen();
  await file.write('c\n');
  await file.close();
  assert.equal(readFileSync(`${path}.1`, 'utf8'), 'a\nb\n');
  assert.equal(readFileSync(path, 'utf8'), 'c\n');
});

test('a full disk is told once, and the next line that is written ends it', async () => {
  const log = new LogRecorder();
  const file = await AuditFile.open('/dev/full', log);
  assert.deepEqual([await file.write('a\n'), await file.write('b\n')], [false, false]);
  assert.equal(file.isWell, false);
  assert.deepEqual(log.take(), ['error the audit log cannot be written']);
  await file.close();
});

test('a reader that reads nothing does not keep a member from its end', async () => {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const file = await AuditFile.open(path, silentLogger);
  const isWritten = file.write(`${'a'.repeat(1024 * 1024)}\n`);
  await file.close(1);
  closeSync(reader);
  assert.equal(await isWritten, false);
});
