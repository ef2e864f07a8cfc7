import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { Watchdog } from '../../scripts/cluster/watchdog.mjs';
import { filesOf, stages } from '../../scripts/test-stages.mjs';
import { curl, shell } from './shell.js';
import { until } from './until.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const commands = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
  block.trim().split('\n'),
);
const curls = commands.filter((command) => command.startsWith('curl '));
const members = commands.filter((command) => / server --name n1 /.test(command));
const healths = commands.filter((command) => command.startsWith('node dist/main.js health '));
const chaos = commands.filter((command) => command.startsWith('scripts/chaos '));

describe('every command of README.md does what it says', () => {
  let scratch: string;
  before(() => {
    scratch = mkdtempSync(join(tmpdir(), 'conclave-readme-'));
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  test('none is left out here', () => {
    const known = [...curls, ...members, ...healths, ...chaos];
    // One of these runs this test, and one needs a container runtime; other tests look at their
    // parts.
    const elsewhere = ['npm start', 'npm test', 'docker compose up'];
    assert.deepEqual(
      commands.filter((command) => ![...known, ...elsewhere].includes(command)),
      [],
    );
    assert.ok(curls.length > 10 && members.length === 1 && healths.length === 1);
  });

  test('npm start runs three members, which answer every curl, in the order of the page', async () => {
    const ports = await freePorts(6);
    const [clientPorts, peerPorts] = [ports.slice(0, 3), ports.slice(3)];
    const child = start('npm', [
      ...['start', '--', '--client-ports', clientPorts.join(), '--peer-ports', peerPorts.join()],
      ...['--data-dir', join(scratch, 'data')],
    ]);
    try {
      await until(() => child.output.includes('Ctrl-C stops them'), 'the cluster serves', 60_000);
      const suggested = [...child.output.matchAll(/^ {2}(curl .*)$/gm)].map(
        ([, line = '']) => line,
      );
      assert.equal(suggested.length, 3);
      const onThosePorts = (line: string) =>
        line.replace(
          /127\.0\.0\.1:400([123])/,
          (_, digit) => `127.0.0.1:${clientPorts[digit - 1]}`,
        );
      for (const line of curls.map(onThosePorts)) await succeeds(line);
      for (const line of suggested) await succeeds(line);
      for (const line of chaos) {
        const here = line.replace('scripts/chaos', `scripts/chaos --data-dir '${scratch}/data'`);
        const { code, stderr } = await shell(`cd '${root}' && ${here}`);
        assert.equal(code, 0, `${line}: ${stderr}`);
      }
    } finally {
      await stop(child);
    }
    // npm ends by the signal that it was sent, whatever its child made of it.
    for (const name of ['node1', 'node2', 'node3']) {
      const log = readFileSync(join(scratch, 'data', `${name}.log`), 'utf8');
      assert.match(log, /"msg":"stopped"}\n$/, `${name} ended in good order`);
    }
  });

  test('three members on three hosts find each other, and tell how they are', async () => {
    const [line = ''] = members;
    // The hosts of the page are addresses of this machine here.
    const here = (text: string) => text.replaceAll('10.0.0.', '127.0.1.');
    const children = [1, 2, 3].map((host) => {
      const words = here(line)
        .replace('--name n1 --data-dir n1', `--name n${host} --data-dir n${host}`)
        .replaceAll(/(-urls http:\/\/127\.0\.1\.)1/g, `$1${host}`)
        .split(' ');
      const [command = '', script = '', ...args] = words;
      return start(command, [join(root, script), ...args], scratch);
    });
    try {
      const [health = ''] = healths.map(here);
      const healthy = async () => (await shell(`cd '${root}' && ${health}`)).code === 0;
      await until(healthy, 'the members have a leader', 30_000);
      for (const host of [2, 3]) await succeeds(`curl 'http://127.0.1.${host}:4001/health'`);
    } finally {
      const codes = await Promise.all(children.map(stop));
      assert.deepEqual(codes, [0, 0, 0], children.map(({ output }) => output).join('\n'));
    }
  });

  test('docker compose up has what it needs, on the same ports', () => {
    const { services } = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), {
      merge: true,
    });
    const published = Object.values<{ ports: string[]; image: string }>(services);
    assert.deepEqual(
      published.map(({ ports }) => ports),
      [['4001:4001'], ['4002:4001'], ['4003:4001']],
    );
    assert.ok(published.every(({ image }) => image === 'conclave'));
  });

  test('npm test runs this very stage', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    assert.match(scripts.test, /scripts\/test\.mjs$/);
    const files = stages.flatMap((stage) => filesOf(stage));
    assert.ok(files.includes('test/cluster/readme.test.ts'));
  });
});

async function succeeds(line: string): Promise<void> {
  const { status, body } = await curl(line);
  assert.ok(status === 200 || status === 201, `${line}: ${status} ${body}`);
}

interface Running {
  readonly child: ChildProcess;
  output: string;
}

function start(command: string, args: readonly string[], cwd: string = root): Running {
  const child = spawn(command, [...args], {
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const watchdog = new Watchdog();
  watchdog.start();
  watchdog.guard(child.pid === undefined ? [] : [-child.pid]);
  child.once('exit', () => watchdog.stop());
  const running: Running = { child, output: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      running.output += text;
    });
  }
  return running;
}

/** As Ctrl-C in a terminal does it: everything in the foreground gets the signal. */
async function stop({ child }: Running): Promise<number | null> {
  if (child.exitCode !== null || child.pid === undefined) return child.exitCode;
  const ended = once(child, 'exit');
  process.kill(-child.pid, 'SIGINT');
  await ended;
  return child.exitCode;
}
