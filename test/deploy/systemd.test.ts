import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/packages.mjs';
import { settingKeys } from '../../src/config/settings.js';
import { missing } from '../programs/program.js';

const analyze = '/usr/bin/systemd-analyze';
const unit = readFileSync(join(root, 'deploy', 'conclave.service'), 'utf8');

test('systemd understands the unit', { skip: missing(analyze) }, (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'conclave-test-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'conclave.service');
  // It looks for the program, too.
  writeFileSync(path, unit.replace('/usr/local/bin/conclave', process.execPath));
  const { status, stdout, stderr } = spawnSync(analyze, ['verify', path], { encoding: 'utf8' });
  assert.equal(`${stdout}${stderr}`, '');
  assert.equal(status, 0);
});

test('the unit starts a member with flags that there are, and gives it time to end', () => {
  const [, line = ''] = /^ExecStart=\S+\/conclave server (.*)$/m.exec(unit) ?? [];
  const flags = [...line.matchAll(/--([a-z-]+)/g)].map(([, flag = '']) => flag);
  assert.ok(flags.length > 0);
  const known: readonly string[] = [...settingKeys, 'config-file'];
  for (const flag of flags) assert.ok(known.includes(flag), flag);
  const [, seconds] = /^TimeoutStopSec=(\d+)$/m.exec(unit) ?? [];
  assert.ok(Number(seconds) > 10);
});
