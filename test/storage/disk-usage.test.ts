import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DiskUsage } from '../../src/storage/disk-usage.js';

test('all files of a directory are counted, now and then', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'conclave-usage-'));
  try {
    mkdirSync(join(directory, 'a', 'b'), { recursive: true });
    writeFileSync(join(directory, 'one'), Buffer.alloc(1000));
    writeFileSync(join(directory, 'a', 'b', 'two'), Buffer.alloc(234));
    let now = 0;
    const usage = new DiskUsage(directory, 5000, () => now, assert.ifError);
    assert.equal(usage.bytes, undefined);
    await usage.measure();
    assert.equal(usage.bytes, 1234);
    writeFileSync(join(directory, 'three'), Buffer.alloc(1));
    now = 4999;
    assert.equal(usage.bytes, 1234);
    now = 5000;
    assert.equal(usage.bytes, 1234, 'the old sum, while the new one is made');
    await usage.measure();
    assert.equal(usage.bytes, 1235);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a directory that cannot be read is told, and has no size', async () => {
  const told: unknown[] = [];
  const usage = new DiskUsage(
    '/nonexistent/directory',
    5000,
    () => 0,
    (error) => told.push(error),
  );
  await usage.measure();
  assert.equal(usage.bytes, undefined);
  assert.match(String(told[0]), /ENOENT/);
});
