import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { root } from '../../scripts/packages.mjs';
import { patient, RealCluster } from './real-cluster.js';
import { until } from './until.js';

const readme = readFileSync(join(root, 'README.md'), 'utf8');

function blocks(language: string): readonly string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...readme.matchAll(fence)].map(([, block = '']) => block);
}

describe('the scripts and programs of README.md', () => {
  let real: RealCluster;
  let folder: string;
  before(async () => {
    real = await RealCluster.start(patient);
    folder = mkdtempSync(join(tmpdir(), 'conclave-readme-programs-'));
    executable('make-report.sh', 'echo made >> reports');
    executable('conclave', `exec '${process.execPath}' '${join(root, 'dist', 'main.js')}' "$@"`);
    // The package as it is installed: its name leads to it.
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules', 'conclave'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  });
  after(async () => {
    await real[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  function executable(name: string, line: string): void {
    writeFileSync(join(folder, name), `#!/bin/sh\n${line}\n`);
    chmodSync(join(folder, name), 0o755);
  }

  const here = (text: string) =>
    text.replaceAll(/http:\/\/127\.0\.0\.1:400([123])/g, (_, digit) =>
      real.url(`node${digit}`, ''),
    );
  const environment = () => ({
    ...process.env,
    PATH: `${folder}${delimiter}${process.env['PATH']}`,
    CONCLAVE_ENDPOINTS: real.url('node1', ''),
  });
  const program = (source: string): readonly string[] => {
    const file = join(folder, 'program.mjs');
    writeFileSync(file, here(source));
    return [file];
  };
  const succeeds = (command: string, args: readonly string[]) =>
    new Promise<string>((resolve, reject) => {
      const options = { cwd: folder, env: environment(), timeout: 60_000 };
      execFile(command, args, options, (error, stdout, stderr) =>
        error === null ? resolve(stdout) : reject(new Error(`${error.message}\n${stderr}`)),
      );
    });

  test('are short, and none is left out here', () => {
    const lines = [...blocks('bash'), ...blocks('ts')].map(
      (each) => each.trim().split('\n').length,
    );
    assert.deepEqual([blocks('bash').length, blocks('ts').length], [3, 3]);
    assert.ok(
      lines.every((count) => count < 10),
      String(lines),
    );
    const first = [...blocks('bash').slice(0, 2), ...blocks('ts').slice(0, 1)];
    assert.ok(first.every((each) => each.trim().split('\n').length < 5));
  });

  test('make the report: under a lock, by hand, and as a cron job that runs once', async () => {
    const [lock = '', byHand = '', cron = ''] = blocks('bash').map(here);
    await succeeds('bash', ['-ec', lock]);
    await succeeds('bash', ['-ec', byHand]);
    assert.match(await succeeds('bash', ['-ec', cron]), /^$/);
    assert.match(await succeeds('bash', ['-ec', cron]), /has run it at .*, with exit code 0/);
    assert.equal(readFileSync(join(folder, 'reports'), 'utf8'), 'made\n'.repeat(3));
  });

  test('work under a lock, and write under it', async () => {
    const [using = '', , fenced = ''] = blocks('ts');
    assert.match(await succeeds(process.execPath, program(using)), /^mine as \d+\n$/);
    for (let runs = 0; runs < 2; runs += 1) await succeeds(process.execPath, program(fenced));
    const { node } = JSON.parse(await (await real.get('node3', '/v2/keys/total')).text());
    assert.equal(node.value, '2');
  });

  test('work only where they lead', async () => {
    const [, elected = ''] = blocks('ts');
    const child = spawn(process.execPath, [...program(elected)], {
      cwd: folder,
      env: environment(),
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const ended = once(child, 'exit');
    await until(() => output.includes('only here'), 'it leads', 30_000);
    const leader = await (await real.get('node3', '/mod/v2/leader/billing')).text();
    assert.notEqual(leader, '');
    child.kill();
    await ended;
  });
});
