import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/packages.mjs';

/** What the image is built from, and how, as the Dockerfile has it. */
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) =>
  paths.split(' '),
);
const steps = /^RUN (npx tsc [\s\S]*?)\s*\\?\n {2}&& npm prune/m.exec(dockerfile)?.[1] ?? '';

/** Each file of the build, with the hash of its bytes. */
function built(): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'conclave-image-'));
  try {
    for (const path of copied) cpSync(join(root, path), join(folder, path), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const { status, stderr } = spawnSync('sh', ['-c', steps], { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    const dist = join(folder, 'dist');
    return readdirSync(dist, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => {
        const hash = createHash('sha256').update(readFileSync(join(parentPath, name)));
        return `${join(parentPath, name).slice(dist.length)} ${hash.digest('hex')}`;
      })
      .sort();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('the image is built of the same bytes each time, wherever that is', () => {
  const first = built();
  assert.ok(first.some((line) => line.startsWith('/main.js ')));
  assert.ok(first.some((line) => line.startsWith('/dashboard/index.html ')));
  assert.deepEqual(built(), first);
});
