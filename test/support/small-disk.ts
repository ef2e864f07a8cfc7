import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** Undefined when it was done, else the reason. */
export function mount(path: string, options: string): string | undefined {
  const result = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
  return result.status === 0 ? undefined : `mount says: ${result.error ?? result.stderr}`;
}

/** A small disk of its own; undefined when this machine does not let us have one. */
export async function smallDisk(test: TestContext, size: string): Promise<string | undefined> {
  const path = await mkdtemp(join(tmpdir(), 'conclave-full-disk-'));
  test.after(async () => {
    spawnSync('umount', [path]);
    await rmdir(path);
  });
  const refusal = mount(path, `size=${size}`);
  if (refusal === undefined) return path;
  assert.equal(process.env['CI'], undefined, `a full disk must be tested here, but ${refusal}`);
  test.skip(`no small disk without the right to mount one: ${refusal}`);
  return undefined;
}
