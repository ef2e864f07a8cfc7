// Breaks one rule at a time in a copy of the project, and demands that a test notices:
// `npm run mutants`. Names can be given to run some only: `npm run mutants -- vote-before-disk`.
// With `--unit` only the unit tests are run, which takes seconds for each; with `--model` only the
// exhaustive checker.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArguments } from './arguments.mjs';
import { mutants } from './mutants/all.mjs';
import { filesUnder, root } from './packages.mjs';

/** How many simulated runs a mutant gets before it counts as unnoticed. */
const seedsMax = 200;

/** @typedef {import('./mutants/all.mjs').Rule} Rule */
/** @typedef {import('./mutants/all.mjs').Mutant} Mutant */

process.exitCode = await main();

async function main() {
  const { values, positionals: names } = readArguments({
    options: {
      unit: { type: 'boolean', default: false },
      model: { type: 'boolean', default: false },
    },
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
  for (const mutant of chosen) if (!tryOut(mutant, values)) survivors += 1;
  console.log(`${chosen.length - survivors} of ${chosen.length} mutants were noticed`);
  return survivors > 0 ? 1 : 0;
}

/**
 * @param {Mutant} mutant
 * @param {{unit: boolean, model: boolean}} only
 */
function tryOut(mutant, only) {
  const copy = mkdtempSync(join(tmpdir(), 'conclave-mutant-'));
  try {
    for (const part of ['src', 'test', 'scripts', 'package.json', 'tsconfig.json']) {
      cpSync(join(root, part), join(copy, part), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    mutate(join(copy, mutant.file), mutant);
    console.log(`${mutant.name}: ${mutant.rule}`);
    if (only.model) {
      const model = noticedByModel(copy);
      console.log(`  model: ${model ?? 'nothing noticed'}`);
      return model !== undefined;
    }
    const simulation = only.unit ? undefined : noticedBySimulation(copy);
    if (!only.unit) {
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
 * The first test of the files and folders that fails.
 * @param {string} copy
 * @param {readonly string[]} paths
 */
function noticedByUnitTests(copy, paths) {
  const tests = paths
    .flatMap((path) => (path.endsWith('.ts') ? [path] : filesUnder(path)))
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
 * The scene, what it took, and the promise that was broken.
 * @param {string} copy
 */
function noticedByModel(copy) {
  const bounds = ['--quiet', '--states', '300000', '--reactions', '30000'];
  const { stdout } = run(copy, ['--import', 'tsx', 'test/model/check.ts', ...bounds]);
  return /^\S+: broken after .*$/m.exec(stdout)?.[0];
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
