// The whole gate: `npm test`. Stages and test files can be chosen:
// `npm test -- unit test/cluster/leaving.test.ts`. Ends with the line "N passed, N failed", in
// which a stage without tests counts as one; anything that fails, or runs no test at all, fails it.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { codeOf } from './error-message.mjs';
import { root } from './packages.mjs';
import { allTests, filesOf, processesOf, rounds, stageOf, stages } from './test-stages.mjs';

/** @typedef {import('./test-stages.mjs').Stage} Stage */

/**
 * @typedef {{passed: number, failed: number, skipped: number}} Counts
 * @typedef {Counts & {output: string}} Result
 */

const chosen = chosenStages(process.argv.slice(2));
const scratch = mkdtempSync(join(tmpdir(), 'conclave-test-'));
/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, interrupt);
process.exitCode = await runAll();
rmSync(scratch, { recursive: true, force: true });

async function runAll() {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const lanes of rounds) await Promise.all(lanes.map((names) => runLane(names, total)));
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  // A machine that runs this for everybody has all that the tests need: there, a skip hides a hole.
  const mayNotSkip = process.env['CI'] !== undefined || chosen.some(({ onDemand }) => onDemand);
  return total.failed > 0 || (mayNotSkip && total.skipped > 0) ? 1 : 0;
}

/**
 * @param {readonly string[]} names
 * @param {Counts} total
 */
async function runLane(names, total) {
  for (const name of names) {
    const stage = chosen.find((each) => each.name === name);
    if (stage === undefined) continue;
    const startedAt = performance.now();
    const result = await runStage(stage);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const outcome = stage.command !== undefined && result.failed === 0 ? 'ok' : describe(result);
    console.log(`${name.padEnd(12)}${seconds.padStart(6)} s  ${outcome}`);
    if (result.output !== '') console.log(result.output);
    total.passed += result.passed;
    total.failed += result.failed;
    total.skipped += result.skipped;
  }
}

/**
 * @param {readonly string[]} words names of stages, and test files; none for all stages
 * @returns {readonly Stage[]}
 */
function chosenStages(words) {
  if (words.length === 0) return stages.filter(({ onDemand }) => !onDemand);
  const files = words.filter((word) => allTests.includes(word));
  const names = words.filter((word) => !files.includes(word));
  const unknown = names.filter((name) => !stages.some((stage) => stage.name === name));
  if (unknown.length > 0) {
    console.error(`No such stage or test file: ${unknown.join(', ')}.`);
    console.error(`Stages: ${stages.map((stage) => stage.name).join(', ')}.`);
    process.exit(2);
  }
  const needsBuild = files.some((file) => stageOf(file)?.needsBuild);
  /** @type {Stage} */
  const alone = { name: 'files', tests: files, parallel: 1, needsBuild, limitMs: 300_000 };
  const wanted = stages.filter(({ name }) => names.includes(name));
  if (files.length > 0) wanted.push(alone);
  const build = stages.filter(({ name }) => name === 'build' && !names.includes(name));
  return wanted.some((stage) => stage.needsBuild) ? [...build, ...wanted] : wanted;
}

/** @param {Stage} stage */
function runStage(stage) {
  const { command, limitMs } = stage;
  return command === undefined ? runTests(stage) : runCommand(command, limitMs);
}

/**
 * @param {readonly string[]} command
 * @param {number} limitMs
 * @returns {Promise<Result>}
 */
async function runCommand([script = '', ...args], limitMs) {
  const result = await run([join(root, script), ...args], limitMs);
  return result.ok ? { passed: 1, failed: 0, skipped: 0, output: '' } : failure(result.output);
}

/**
 * @param {Stage} stage
 * @returns {Promise<Result>}
 */
async function runTests(stage) {
  const { name, parallel, limitMs } = stage;
  if (filesOf(stage).length === 0) return failure(`No test file in the stage '${name}'.`);
  const entries = processesOf(stage).map((files) => entryFor(name, files));
  const tap = join(scratch, `${name}.tap`);
  writeFileSync(tap, '');
  const result = await run(
    [
      ...['--import', 'tsx', '--test', `--test-concurrency=${parallel}`],
      ...[`--test-timeout=${limitMs}`],
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      ...['--test-reporter=tap', `--test-reporter-destination=${tap}`],
      ...entries,
    ],
    limitMs,
  );
  const counts = countsOf(readFileSync(tap, 'utf8'));
  if (counts === undefined || counts.passed + counts.failed === 0) return failure(result.output);
  const failed = result.ok ? counts.failed : Math.max(counts.failed, 1);
  return { ...counts, failed, output: failed === 0 ? '' : failuresOf(result.output) };
}

/**
 * The file that a process of the test runner runs.
 * @param {string} stage its name
 * @param {readonly string[]} files
 */
function entryFor(stage, files) {
  const [only = '', ...others] = files;
  if (others.length === 0) return only;
  const entry = join(scratch, `${stage}-${dirname(only).replaceAll('/', '-')}.mjs`);
  const imports = files.map((file) => `import ${JSON.stringify(pathToFileURL(join(root, file)))};`);
  writeFileSync(entry, imports.join('\n'));
  return entry;
}

/**
 * The summary that closes the TAP stream; undefined when the run ended before it.
 * @param {string} tap
 * @returns {Counts | undefined}
 */
function countsOf(tap) {
  /** @param {string} word */
  const count = (word) => Number(tap.match(new RegExp(`^# ${word} (\\d+)$`, 'm'))?.[1]);
  const [passed, failed, cancelled] = [count('pass'), count('fail'), count('cancelled')];
  const [skipped, todo] = [count('skipped'), count('todo')];
  if (Number.isNaN(passed + failed + cancelled + skipped + todo)) return undefined;
  return { passed, failed: failed + cancelled, skipped: skipped + todo };
}

/**
 * The spec reporter repeats what failed at its end; the rest is of no interest then.
 * @param {string} output
 */
function failuresOf(output) {
  const at = output.indexOf('failing tests:');
  return at < 0 ? output : output.slice(output.lastIndexOf('\n', at) + 1);
}

/**
 * @param {string} output
 * @returns {Result}
 */
function failure(output) {
  return { passed: 0, failed: 1, skipped: 0, output };
}

/** @param {Counts} counts */
function describe({ passed, failed, skipped }) {
  const rest = skipped > 0 ? `, ${skipped} skipped` : '';
  return failed > 0 ? `${passed} passed, ${failed} FAILED${rest}` : `${passed} passed${rest}`;
}

/**
 * Runs Node with `args`; ends it, with everything that it started, when `limitMs` are over.
 * @param {readonly string[]} args
 * @param {number} limitMs
 * @returns {Promise<{ok: boolean, output: string}>}
 */
function run(args, limitMs) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, detached: true });
    running.add(child);
    let output = '';
    /** @param {string} chunk */
    const collect = (chunk) => {
      output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    const timer = setTimeout(() => {
      output += `\nEnded: not finished within ${limitMs / 1000} s.\n`;
      endGroup(child);
    }, limitMs);
    child.once('close', (code) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ ok: code === 0, output });
    });
  });
}

/** @param {import('node:child_process').ChildProcess} child */
function endGroup({ pid }) {
  // It has none when it could not be started.
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

function interrupt() {
  for (const child of running) endGroup(child);
  rmSync(scratch, { recursive: true, force: true });
  process.exit(130);
}
