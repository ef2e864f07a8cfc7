import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/packages.mjs';

const page = readFileSync(join(root, 'docs', 'cli.md'), 'utf8');

for (const [, command = '', shown] of page.matchAll(
  /^```console\n\$ conclave (.*) --help\n([\s\S]*?)^```$/gm,
)) {
  test(`docs/cli.md shows what conclave ${command} --help prints`, () => {
    const main = join(root, 'test', 'cli', 'recording-main.ts');
    const args = ['--import', 'tsx', main, ...command.split(' '), '--help'];
    const printed = execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    assert.equal(shown, printed);
  });
}
