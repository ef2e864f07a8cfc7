import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lines } from '../../scripts/bench/lines.mjs';
import { isInstalled } from '../../scripts/bench/wrk.mjs';
import { root } from '../../scripts/packages.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'conclave-bench-test-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
const missing = ['wrk', 'etcd'].filter((command) => !isInstalled(command));
const skip = missing.length > 0 ? `${missing.join(' and ')} not installed` : false;

function bench(...args: readonly string[]) {
  const script = join(root, 'scripts', 'bench.mjs');
  return spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
}

test('each line of the bench works, and an earlier run can be compared', { skip }, () => {
  const file = join(scratch, 'all.json');
  const { status, stdout, stderr } = bench('--quick', '--json', file);
  assert.equal(status, 0, stdout + stderr);
  const report = JSON.parse(readFileSync(file, 'utf8'));
  assert.deepEqual(
    report.lines.map(({ name }: { name: string }) => name),
    lines.map(({ name }) => name),
  );
  for (const { name, main, systems } of report.lines) {
    for (const { rounds } of systems) assert.ok(rounds[0]?.[main] >= 0, `${name} has no ${main}`);
  }
  const again = bench('--quick', '--only', 'put leader 16', '--against', file);
  assert.equal(again.status, 0, again.stdout + again.stderr);
  assert.match(again.stdout, /put leader 16, npm start +\d+ -> \d+ per s .* spread 0\.0 %/);
});

test('the budget of a write has a time for each phase', { skip }, () => {
  const { status, stdout, stderr } = bench('--quick', '--budget');
  assert.equal(status, 0, stdout + stderr);
  const phases = stdout.split('\n').filter((line) => / \d+\.\d{3}$/.test(line));
  assert.equal(phases.length, 11, stdout);
});
