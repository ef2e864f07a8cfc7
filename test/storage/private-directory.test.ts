import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { closeToOthers } from '../../src/storage/private-directory.js';

test('a directory that others may read is closed to them', async (context) => {
  const path = mkdtempSync(join(tmpdir(), 'conclave-test-'));
  context.after(() => rmSync(path, { recursive: true }));
  for (const mode of [0o755, 0o770, 0o701, 0o700]) {
    chmodSync(path, mode);
    assert.equal(await closeToOthers(path), true);
    assert.equal(statSync(path).mode & 0o777, 0o700, mode.toString(8));
  }
});
