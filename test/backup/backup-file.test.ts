import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BackupError } from '../../src/backup/backup-error.js';
import { BackupReader } from '../../src/backup/backup-reader.js';
import { backupOf, head, readBackup } from './samples.js';

const chunks = ['one', '', 'three'].map((text) => Buffer.from(text));
const backup = backupOf(chunks, 99);

function refused(bytes: Buffer, code: BackupError['code'], why: RegExp): void {
  assert.throws(
    () => readBackup(bytes),
    (error: unknown) =>
      error instanceof BackupError && error.code === code && why.test(error.message),
  );
}

test('a backup reads as it was written, in pieces of any length', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: backup.length }), (pieceBytes) => {
      const read = readBackup(backup, pieceBytes);
      assert.deepEqual(read.chunks, chunks);
      assert.deepEqual(read.head, { type: 'head', ...head });
      assert.equal(read.end.highestIndex, 99);
      assert.equal(read.bytes, backup.length);
    }),
  );
});

test('a backup that is cut off anywhere is refused', () => {
  for (let length = 1; length < backup.length; length += 1) {
    const cut = backup.subarray(0, length);
    if (length < 16) refused(cut, 'foreign', /no backup/);
    else refused(cut, 'damaged', new RegExp(`cut off after ${length} bytes; take another one`));
  }
  refused(Buffer.alloc(0), 'foreign', /no backup of Conclave/);
});

test('a backup with a changed byte is refused, wherever it is', () => {
  for (let at = 0; at < backup.length; at += 1) {
    const changed = Buffer.from(backup);
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    assert.throws(() => readBackup(changed), BackupError, `byte ${at}`);
  }
});

test('no part is used before its own checksum was verified', () => {
  const used: string[] = [];
  const reader = new BackupReader((data) => used.push(Buffer.from(data).toString()));
  const changed = Buffer.from(backup);
  changed[backup.indexOf('three')] = 0x54;
  assert.throws(() => reader.push(changed), /does not match its checksum/);
  assert.deepEqual(used, ['one', '']);
});

test('a part that was taken out, swapped or added is noticed, though each has its checksum', () => {
  const parts: Buffer[] = [];
  for (let at = 16; at < backup.length; ) {
    const length = 4 + backup.readUInt32LE(at);
    parts.push(backup.subarray(at, at + length));
    at += length;
  }
  const file = (...order: number[]) =>
    Buffer.concat([backup.subarray(0, 16), ...order.map((each) => parts[each] ?? assert.fail())]);
  assert.deepEqual(file(0, 1, 2, 3, 4), backup);
  refused(file(0, 1, 3, 4), 'damaged', /part 2 comes where part 1 was due/);
  refused(file(0, 2, 1, 3, 4), 'damaged', /part 1 comes where part 0 was due/);
  refused(file(0, 1, 2, 4), 'damaged', /its content does not match its checksum/);
  refused(file(0, 0, 1, 2, 3, 4), 'damaged', /its head is missing, or comes twice/);
  refused(file(1, 2, 3, 4), 'damaged', /its head is missing, or comes twice/);
  refused(file(0, 1, 2, 3, 4, 4), 'damaged', /it goes on after its end/);
  const other = backupOf([Buffer.from('oneX'), Buffer.from(''), Buffer.from('three')], 99);
  const end = other.subarray(other.length - (parts[4]?.length ?? 0));
  refused(Buffer.concat([file(0, 1, 2, 3), end]), 'damaged', /does not match its checksum/);
});

test('what is no backup is told from one that is damaged', () => {
  refused(Buffer.from('{"node":{"key":"/a"}}'), 'foreign', /it is no backup of Conclave/);
  refused(Buffer.concat([backup.subarray(0, 16), Buffer.alloc(9, 0xff)]), 'damaged', /a record of/);
});

test('equal backups have one fingerprint, and others have another', () => {
  const { fingerprint } = readBackup(backup);
  assert.equal(readBackup(backup, 7).fingerprint, fingerprint);
  assert.notEqual(readBackup(backupOf(chunks, 100)).fingerprint, fingerprint);
});
