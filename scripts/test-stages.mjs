import { dirname } from 'node:path';
import { filesUnder } from './packages.mjs';

/**
 * A stage runs a command or tests.
 * @typedef {object} Stage
 * @property {string} name
 * @property {readonly string[]} [command] a script, and its arguments
 * @property {readonly string[] | 'rest'} [tests] files and folders, in the order in which they run;
 *   or all files that no other stage names
 * @property {number} [parallel] how many processes at a time
 * @property {boolean} [sharing] the files of a folder run in one process, and those of all small
 *   folders in another: most of the time of a small file goes into its start. No test in them may
 *   leave anything behind in its process.
 * @property {readonly string[]} [first] folders whose tests take long, so that none is last, alone
 * @property {boolean} [needsBuild] some of its tests run what is in dist/
 * @property {boolean} [onDemand] runs only when it is named, and then nothing may be skipped
 * @property {number} limitMs
 */

const minute = 60_000;
/** @type {readonly Stage[]} */
export const stages = [
  {
    name: 'check',
    command: ['node_modules/@biomejs/biome/bin/biome', 'check', '.'],
    limitMs: minute,
  },
  { name: 'types', command: ['scripts/types.mjs'], limitMs: minute },
  { name: 'build', command: ['scripts/prepare.mjs'], limitMs: minute },
  { name: 'tidy', tests: ['test/tidy.test.ts'], parallel: 2, limitMs: minute },
  // Every test that no other stage names, so that none is left out by accident.
  {
    name: 'unit',
    tests: 'rest',
    ...{ parallel: 2, sharing: true, needsBuild: true, limitMs: 5 * minute },
    first: ['test/docs', 'test/cli', 'test/storage', 'test/store/locks', 'test/transport'],
  },
  {
    name: 'simulation',
    tests: ['test/model', 'test/simulation'],
    ...{ parallel: 2, limitMs: 5 * minute },
  },
  {
    name: 'api',
    tests: ['test/http', 'test/fuzz'],
    ...{ parallel: 2, sharing: true, limitMs: 5 * minute },
  },
  // These hold times that are promised, so they have the machine to themselves.
  {
    name: 'failover',
    tests: [
      'test/cluster/bench.test.ts',
      'test/cluster/leader-killed.test.ts',
      'test/cluster/no-delay.test.ts',
    ],
    ...{ parallel: 1, needsBuild: true, limitMs: 5 * minute },
  },
  // The commands wait for TTLs most of the time, and the history fills the machine meanwhile.
  {
    name: 'locks',
    tests: [
      'test/cluster/lock-history.test.ts',
      'test/cluster/lock-command.test.ts',
      'test/cluster/once-command.test.ts',
    ],
    ...{ parallel: 2, needsBuild: true, limitMs: 4 * minute },
  },
  // Large values, and members that are killed, stopped or alone meanwhile: these fill the machine
  // by themselves. The first takes as long as the other two, which wait most of the time, one after
  // the other.
  {
    name: 'overload',
    tests: [
      'test/cluster/stopped-follower.test.ts',
      'test/cluster/quorum-loss.test.ts',
      'test/cluster/snapshot-kills.test.ts',
      'test/cluster/small-heap.test.ts',
    ],
    ...{ parallel: 2, needsBuild: true, limitMs: 5 * minute },
  },
  // What users are told to type.
  {
    name: 'docs',
    tests: [
      'test/clients/api-page.test.ts',
      'test/cluster/backup-page.test.ts',
      'test/cluster/client-page.test.ts',
      'test/cluster/locks-page.test.ts',
      'test/cluster/readme.test.ts',
      'test/cluster/readme-programs.test.ts',
      'test/cluster/seed-examples.test.ts',
    ],
    ...{ parallel: 1, sharing: true, needsBuild: true, limitMs: 5 * minute },
  },
  {
    name: 'cluster',
    tests: ['test/cluster'],
    ...{ parallel: 2, needsBuild: true, limitMs: 12 * minute },
  },
  {
    name: 'clients',
    tests: [
      'test/clients',
      'test/examples',
      'test/programs/discovery.test.ts',
      'test/programs/python-etcd.test.ts',
    ],
    ...{ parallel: 1, sharing: true, needsBuild: true, limitMs: 5 * minute },
  },
  {
    name: 'programs',
    tests: ['test/programs'],
    ...{ parallel: 1, needsBuild: true, onDemand: true, limitMs: 10 * minute },
  },
  {
    name: 'referee',
    tests: ['test/referee'],
    ...{ parallel: 1, sharing: true, needsBuild: true, limitMs: 3 * minute },
  },
  {
    name: 'browser',
    tests: ['test/dashboard'],
    ...{ parallel: 1, sharing: true, needsBuild: true, limitMs: 7 * minute },
  },
];
/**
 * One after the other; the lanes of a round side by side, and the stages of a lane in their order.
 * @type {readonly (readonly (readonly string[])[])[]}
 */
export const rounds = [
  [['check', 'tidy'], ['types']],
  [['build']],
  [['unit']],
  [['simulation']],
  [['api']],
  [['failover']],
  [['locks']],
  [['overload']],
  [['cluster']],
  [
    ['docs', 'clients'],
    ['browser', 'referee'],
  ],
  [['programs']],
  [['files']],
];
for (const { name } of stages) {
  if (!rounds.flat(2).includes(name)) throw new Error(`The stage '${name}' is in no round.`);
}

/** Every test file of the project, by its path. */
export const allTests = filesUnder('test').filter((file) => file.endsWith('.test.ts'));

/**
 * The test files of the stage, in the order in which they run.
 * @param {Stage} stage
 */
export function filesOf({ name, tests = [] }) {
  if (tests === 'rest') return allTests.filter((file) => stageOf(file)?.name === name);
  const inOrder = tests.flatMap((path) => allTests.filter((file) => isAt(path, file)));
  return name === 'files' ? inOrder : inOrder.filter((file) => stageOf(file)?.name === name);
}

/** The files of folders that have no more share one process: its start takes longer than they. */
const smallFolderMax = 3;

/**
 * The test files that run in one process, for each process of the stage.
 * @param {Stage} stage
 * @returns {readonly (readonly string[])[]}
 */
export function processesOf(stage) {
  const files = filesOf(stage);
  if (!stage.sharing) return files.map((file) => [file]);
  const { first = [] } = stage;
  const folders = new Set([...first, ...files.map((file) => dirname(file))]);
  const groups = [...folders].map((folder) => files.filter((file) => dirname(file) === folder));
  const small = groups.filter(({ length }) => length <= smallFolderMax).flat();
  const large = groups.filter(({ length }) => length > smallFolderMax);
  return small.length > 0 ? [small, ...large] : large;
}

/**
 * The first stage that names the file or a folder above it.
 * @param {string} file
 */
export function stageOf(file) {
  /** @param {Stage} stage */
  const names = ({ tests }) => Array.isArray(tests) && tests.some((path) => isAt(path, file));
  return stages.find(names) ?? stages.find(({ tests }) => tests === 'rest');
}

/**
 * @param {string} path of a file or a folder
 * @param {string} file
 */
function isAt(path, file) {
  return file === path || file.startsWith(`${path}/`);
}
