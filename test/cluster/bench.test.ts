import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { changes } from '../../scripts/bench/against.mjs';
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
  const [file, earlier] = [join(scratch, 'all.json'), join(scratch, 'earlier.json')];
  const compared = { name: 'put leader 16', main: 'perSecond' };
  const systems = [{ name: 'npm start', rounds: [{ perSecond: 1 }] }];
  writeFileSync(earlier, JSON.stringify({ date: 'then', lines: [{ ...compared, systems }] }));
  const { status, stdout, stderr } = bench('--quick', '--json', file, '--against', earlier);
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /put leader 16, npm start +1 -> \d+ per s .* spread 0\.0 % +better\n/);
  const report = JSON.parse(readFileSync(file, 'utf8'));
  assert.deepEqual(
    report.lines.map(({ name }: { name: string }) => name),
    lines.map(({ name }) => name),
  );
  for (const { name, main, systems: found } of report.lines) {
    for (const { rounds } of found) assert.ok(rounds[0]?.[main] >= 0, `${name} has no ${main}`);
  }
  // What was written can be an earlier run, too.
  const same = changes(report.lines, report.lines).find((line) => line.startsWith(compared.name));
  assert.match(same ?? '', / (\d+) -> \1 per s .* within the spread$/);
});

test('the budget of a write has a time for each phase', { skip }, () => {
  const { status, stdout, stderr } = bench('--quick', '--budget');
  assert.equal(status, 0, stdout + stderr);
  const phases = stdout.split('\n').filter((line) => / \d+\.\d{3}$/.test(line));
  assert.equal(phases.length, 11, stdout);
});
