import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/packages.mjs';
import { patient, RealCluster } from './real-cluster.js';
import { shell } from './shell.js';

const page = readFileSync(join(root, 'docs', 'client.md'), 'utf8');

test('the examples of docs/client.md, as one program, do what they say', async () => {
  await using real = await RealCluster.start(patient);
  const scratch = mkdtempSync(join(tmpdir(), 'conclave-client-page-'));
  try {
    const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
    assert.equal(blocks.length, 3);
    const program = blocks
      .join('')
      .replace("'conclave/client'", JSON.stringify(join(root, 'dist', 'client', 'index.js')))
      .replaceAll(/http:\/\/127\.0\.0\.1:400([123])/g, (_, digit) => real.url(`node${digit}`, ''));
    const file = join(scratch, 'program.mjs');
    writeFileSync(file, program);
    const { code, stdout, stderr } = await shell(`timeout 60 node '${file}'`);
    assert.equal(code, 0, stderr);
    const lines = stdout.trim().split('\n');
    assert.match(lines[0] ?? '', /^written as \d+$/);
    assert.match(lines[1] ?? '', /^host1 leads as \d+$/);
    assert.equal(lines[2], 'set red');
    assert.match(lines.slice(3).join(' '), /'\/config\/color',\s+'\/config\/size'\s+\] undefined$/);
    const held = await real.get('node3', '/mod/v2/lock/reports/nightly?field=index');
    assert.equal(await held.text(), '', 'the lock was released');
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});
