// Breaks one rule at a time in a copy of the project, and demands that a test notices:
// `npm run mutants`. Names can be given to run some only: `npm run mutants -- vote-before-disk`.
// With `--unit` only the unit tests are run, which takes seconds for each.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArguments } from './arguments.mjs';
import { mutants as lock } from './mutants/lock.mjs';
import { mutants as member } from './mutants/member.mjs';
import { mutants as proposals } from './mutants/proposals.mjs';
import { mutants as raft } from './mutants/raft.mjs';
import { mutants as storage } from './mutants/storage.mjs';
import { mutants as store } from './mutants/store.mjs';
import { mutants as transport } from './mutants/transport.mjs';
import { filesUnder, root } from './packages.mjs';

/** How many simulated runs a mutant gets before it counts as unnoticed. */
const seedsMax = 200;

/**
 * @typedef {object} Rule
 * @property {string} name
 * @property {string} rule what holds, in words
 * @property {string} file
 * @property {string} find stands once in the file
 * @property {string} replace
 */

/** @typedef {Rule & {tests: readonly string[]}} Mutant */

/**
 * Each folder of `src/` whose rules are broken here, and the unit tests that may notice.
 * @type {Readonly<Record<string, [rules: readonly Rule[], tests: readonly string[]]>>}
 */
const parts = {
  raft: [raft, ['test/raft']],
  store: [store, ['test/store']],
  member: [[...member, ...proposals], ['test/member']],
  lock: [lock, ['test/lock']],
  transport: [transport, ['test/transport']],
  storage: [storage, ['test/storage']],
};
const mutants = Object.values(parts).flatMap(([rules, tests]) =>
  rules.map((rule) => ({ ...rule, tests })),
);

process.exitCode = await main();

async function main() {
  const { values, positionals: names } = readArguments({
    options: { unit: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const unknown = names.filter((name) => !mutants.some((mutant) => mutant.name === name));
  if (unknown.length > 0) {
    console.error(`No such mutant: ${unknown.join(', ')}.`);
    console.error(`Mutants: ${mutants.map(({ name }) => name).join(', ')}.`);
    return 2;
  }
  const chosen = names.length === 0 ? mutants : mutants.filter(({ name }) => names.includes(name));
  let survivors = 0;
  for (const mutant of chosen) if (!tryOut(mutant, values.unit)) survivors += 1;
  console.log(`${chosen.length - survivors} of ${chosen.length} mutants were noticed`);
  return survivors > 0 ? 1 : 0;
}

/**
 * @param {Mutant} mutant
 * @param {boolean} unitOnly
 */
function tryOut(mutant, unitOnly) {
  const copy = mkdtempSync(join(tmpdir(), 'conclave-mutant-'));
  try {
    for (const part of ['src', 'test', 'scripts', 'package.json', 'tsconfig.json']) {
      cpSync(join(root, part), join(copy, part), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    mutate(join(copy, mutant.file), mutant);
    console.log(`${mutant.name}: ${mutant.rule}`);
    const simulation = unitOnly ? undefined : noticedBySimulation(copy);
    if (!unitOnly) {
      console.log(`  simulation: ${simulation ?? `nothing noticed in ${seedsMax} seeds`}`);
    }
    const unit = noticedByUnitTests(copy, mutant.tests);
    console.log(`  unit tests: ${unit ?? 'nothing noticed'}`);
    return unit !== undefined || simulation !== undefined;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/**
 * @param {string} file
 * @param {Rule} rule
 */
function mutate(file, { name, find, replace }) {
  const text = readFileSync(file, 'utf8');
  if (text.split(find).length !== 2) {
    throw new Error(`${name}: the text to replace must stand once in ${file}`);
  }
  writeFileSync(
    file,
    text.replace(find, () => replace),
  );
}

/**
 * The first test of the folders that fails.
 * @param {string} copy
 * @param {readonly string[]} folders
 */
function noticedByUnitTests(copy, folders) {
  const tests = folders
    .flatMap((folder) => filesUnder(folder))
    .filter((file) => file.endsWith('.test.ts'));
  const { stdout } = run(copy, ['--import', 'tsx', '--test', '--test-reporter=tap', ...tests]);
  return /^\s*not ok \d+ - (?!.*\.test\.ts)(.*)$/m.exec(stdout)?.[1];
}

/**
 * How long it took, the seed that failed, and the promise that was broken.
 * @param {string} copy
 */
function noticedBySimulation(copy) {
  const args = ['--seed', '1', '--seeds', String(seedsMax)];
  const startedAt = performance.now();
  const { stderr } = run(copy, ['--import', 'tsx', 'test/simulation/simulate.ts', ...args]);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  const failed = /^seed \d+ failed: .*$/m.exec(stderr)?.[0];
  return failed && `after ${seconds} s, ${failed}`;
}

/**
 * @param {string} cwd
 * @param {readonly string[]} args
 */
function run(cwd, args) {
  const timeout = 10 * 60_000;
  const maxBuffer = 256 * 1024 * 1024;
  return spawnSync(process.execPath, args, { cwd, encoding: 'utf8', timeout, maxBuffer });
}
