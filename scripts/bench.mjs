// Conclave beside etcd, three members each, on this machine: `npm run bench`. They take turns, and
// medians are compared. Conclave is measured as `npm start` runs it, with a proxy in each link
// between two members for `scripts/chaos`. In the lines meant for that it is measured without
// proxies, too: they must not make the cluster another one.
// With --budget: where the time of one write goes, from traces of the members.
// With --growth: what writes cost as keys, logs, values, members or watchers grow.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { changes } from './bench/against.mjs';
import { options } from './bench/bench-options.mjs';
import { printBudget } from './bench/budget.mjs';
import { Comparison, proxiesFault } from './bench/comparison.mjs';
import { printGrowth } from './bench/growth.mjs';
import { describe, summaryOf } from './bench/rounds.mjs';
import { Systems } from './bench/system.mjs';
import { isInstalled } from './bench/wrk.mjs';
import { messageOf } from './error-message.mjs';

/** @typedef {import('./bench/rounds.mjs').Row} Row */

const scratch = mkdtempSync(join(tmpdir(), 'conclave-bench-'));
const systems = new Systems(scratch);
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    interrupted = true;
    void cleanUp().then(() => process.exit(130));
  });
}
try {
  if (options.budget) await printBudget(systems, scratch, options.quick ? 200 : 2000);
  else if (options.growth) await printGrowth(systems, options.growthOf);
  else await compare();
} catch (error) {
  if (!interrupted) console.error(messageOf(error));
  process.exitCode = 1;
} finally {
  if (!interrupted) await cleanUp();
}

async function cleanUp() {
  await systems.close();
  rmSync(scratch, { recursive: true, force: true });
}

async function compare() {
  const withEtcd = isInstalled('etcd');
  if (!withEtcd)
    console.log('etcd is not installed (apt-get install etcd-server): no comparison.\n');
  const comparison = new Comparison(systems, options.plan, withEtcd);
  /** @type {Row[]} */
  const rows = [];
  if (options.quick) {
    rows.push(...(await comparison.check(options.lines)));
    for (const row of rows) tellWorks(row);
  } else {
    for (const line of options.lines) {
      if (line.ownCluster !== undefined) await comparison.stopShared();
      const row = await comparison.measure(line);
      print(row);
      rows.push(row);
    }
  }
  if (options.json !== undefined) writeFileSync(options.json, report(rows));
  if (options.against !== undefined) printChanges(rows, options.against);
  if (rows.some((row) => row.systems.some((found) => failures(found) > 0))) process.exitCode = 1;
  if (!options.quick) tellProxies(rows);
}

/** @param {Row} row */
function print(row) {
  const etcd = row.systems.find(({ name }) => name === 'etcd');
  console.log(row.name);
  for (const found of row.systems) console.log(describe(row, found, etcd));
  console.log('');
}

/**
 * Many lines ran at once: the figures of the check say nothing.
 * @param {Row} row
 */
function tellWorks({ name, systems }) {
  console.log(`${name}: works with ${systems.map((found) => found.name).join(', ')}`);
}

/** @param {readonly Row[]} rows */
function report(rows) {
  const [{ model } = { model: 'unknown' }] = cpus();
  const machine = { node: process.version, processors: cpus().length, model };
  const date = new Date().toISOString();
  return JSON.stringify({ date, machine, plan: options.plan, lines: rows }, null, 2);
}

/**
 * @param {readonly Row[]} rows
 * @param {string} file a report
 */
function printChanges(rows, file) {
  const earlier = JSON.parse(readFileSync(file, 'utf8'));
  console.log(`Against ${file}, of ${earlier.date}:`);
  for (const text of changes(rows, earlier.lines)) console.log(`  ${text}`);
}

/**
 * Where a leader ends while it is asked, a failure is a figure, not a fault of the measurement.
 * @param {import('./bench/rounds.mjs').Found} found
 */
function failures(found) {
  return found.rounds.some(({ gapMs }) => gapMs !== undefined) ? 0 : summaryOf(found, 'failed');
}

/** @param {readonly Row[]} rows */
function tellProxies(rows) {
  for (const fault of rows.flatMap((row) => proxiesFault(row) ?? [])) {
    console.error(fault);
    process.exitCode = 1;
  }
}
