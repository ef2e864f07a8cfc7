import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

function run(script: string, args: readonly string[]) {
  const path = fileURLToPath(new URL(`../../${script}`, import.meta.url));
  const loader = script.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...loader, path, ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('a mistake in the arguments of a script is one line, with what is allowed, and exit code 2', () => {
  const ofStart = 'allowed are --client-ports, --peer-ports, --data-dir, --help';
  const ofBench =
    'allowed are --only, --rounds, --seconds, --steady-seconds, --keys, --json, --against, --quick, --budget, --growth';
  for (const [script, args, line] of [
    ['scripts/start.mjs', ['--bogus'], `Unknown option '--bogus'; ${ofStart}`],
    ['scripts/start.mjs', ['node1'], `Unexpected argument 'node1'; ${ofStart}`],
    [
      'scripts/start.mjs',
      ['--data-dir'],
      `Option '--data-dir <value>' argument missing; ${ofStart}`,
    ],
    [
      'scripts/start.mjs',
      ['--client-ports', '1,2'],
      '--client-ports must be three ports with commas between, not "1,2"',
    ],
    ['scripts/chaos.mjs', ['--bogus'], "Unknown option '--bogus'; allowed are --data-dir, --help"],
    ['scripts/bench.mjs', ['--bogus'], `Unknown option '--bogus'; ${ofBench}`],
    ['scripts/bench.mjs', ['--rounds', '0'], '--rounds must be a whole number, 1 or more, not "0"'],
    [
      'scripts/bench.mjs',
      ['--against', 'no.json'],
      '--against must be a file that --json wrote; there is no no.json',
    ],
    [
      'scripts/scale.mjs',
      ['--bogus'],
      "Unknown option '--bogus'; allowed are --only, --waiting, --locks",
    ],
    [
      'test/simulation/simulate.ts',
      ['--bogus'],
      "Unknown option '--bogus'; allowed are --seeds, --seed, --seconds, --jobs, --trace",
    ],
  ] as const) {
    test(`${script} ${args.join(' ')}`, () => {
      assert.deepEqual(run(script, args), { status: 2, stdout: '', stderr: `${line}\n` });
    });
  }
});

test('npm start tells its options', () => {
  const { status, stdout } = run('scripts/start.mjs', ['--help']);
  assert.equal(status, 0);
  assert.match(stdout, /--client-ports A,B,C[\s\S]*--peer-ports A,B,C[\s\S]*--data-dir PATH/);
});
