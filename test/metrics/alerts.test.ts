import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { parse } from 'yaml';
import { addProcessMetrics } from '../../src/metrics/process-metrics.js';
import { missing } from '../programs/program.js';
import { ApiServer } from '../support/api-server.js';

const promtool = '/usr/bin/promtool';
const skip = missing(promtool);
const rulesPath = fileURLToPath(new URL('../../docs/alerts.yml', import.meta.url));
const unitTestsPath = fileURLToPath(new URL('alert-rules.yml', import.meta.url));

interface Rule {
  readonly alert: string;
  readonly expr: string;
}

const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
const rulesText = readFileSync(rulesPath, 'utf8');
const rules: readonly Rule[] = parse(rulesText).groups.flatMap(
  ({ rules: some }: { rules: readonly Rule[] }) => some,
);

function run(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(promtool, args, { encoding: 'utf8' });
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout;
}

test('Prometheus understands the rules', { skip }, () => {
  assert.match(run('check', 'rules', rulesPath), new RegExp(`${rules.length} rules found`));
});

test('each rule fires when it should, and not before', { skip }, () => {
  run('test', 'rules', unitTestsPath);
  const tested = readFileSync(unitTestsPath, 'utf8');
  for (const { alert } of rules) {
    const fires = new RegExp(`alertname: ${alert}\n +exp_alerts:\n`);
    assert.match(tested, fires, `${alert} is seen to fire`);
  }
});

test('every metric in the rules is served', async () => {
  await using server = await ApiServer.start();
  const registry = new Registry();
  addProcessMetrics(registry);
  const { body } = await server.ask('GET', '/metrics');
  const served = new Set(
    [...`${body}${await registry.metrics()}`.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name),
  );
  const wanted = rules.flatMap(({ expr }) => expr.match(/\b[a-z]+(?:_[a-z0-9]+){2,}\b/g) ?? []);
  const functions = new Set(['histogram_quantile']);
  for (const name of wanted) {
    if (functions.has(name)) continue;
    assert.ok(served.has(name.replace(/_bucket$/, '')), `${name} is served`);
  }
  assert.ok(wanted.length > 15, `${wanted.length} names`);
});

test('Prometheus understands the configuration that operators are told to use', { skip }, (t) => {
  const [, example = ''] = /```yaml\n(rule_files[\s\S]*?)```/.exec(page) ?? [];
  const directory = mkdtempSync(join(tmpdir(), 'conclave-test-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const config = join(directory, 'prometheus.yml');
  writeFileSync(config, example);
  writeFileSync(join(directory, 'alerts.yml'), rulesText);
  assert.match(run('check', 'config', config), /1 rule files found/);
});

test('the operators are told what to do about each alert', () => {
  for (const { alert } of rules) assert.match(page, new RegExp(`^\\| .*\`${alert}\``, 'm'));
});
