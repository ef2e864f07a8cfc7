import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { linesUnder, type } from './operations-page.js';
import { asBuilt, patient, RealCluster } from './real-cluster.js';
import { until } from './until.js';

test('what docs/operations.md says under "Back up" and "Restore" does what it says', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'conclave-backup-page-'));
  const children: ChildProcess[] = [];
  try {
    await backUp(folder);
    const ports = await freePorts(6);
    const here = (line: string) =>
      line
        .replaceAll(/10\.0\.0\.(\d):4001/g, (_, host) => `127.0.0.1:${ports[Number(host) - 1]}`)
        .replaceAll(/10\.0\.0\.(\d):7001/g, (_, host) => `127.0.0.1:${ports[Number(host) + 2]}`);
    for (const host of ['1', '2', '3']) {
      const lines = linesUnder('Restore').map((line) => here(onHost(line, host)));
      const server = lines.at(-1)?.split(' ').slice(1) ?? [];
      for (const line of lines.slice(0, -1)) await succeeds(line, folder);
      const [file = '', ...before] = asBuilt;
      children.push(
        spawn(file, [...before, ...server, ...patient], { cwd: folder, stdio: 'ignore' }),
      );
    }
    for (const port of ports.slice(0, 3)) {
      const read = async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/v2/keys/a`).catch(() => undefined);
        return answer?.ok === true && (await answer.text()).includes('"value":"kept"');
      };
      await until(read, 'the new cluster has the key', 60_000);
    }
  } finally {
    for (const child of children) {
      if (child.exitCode !== null) continue;
      const ending = once(child, 'exit');
      child.kill('SIGKILL');
      await ending;
    }
    rmSync(folder, { recursive: true });
  }
});

/** The page shows the first host; its member has its own name, directory and addresses. */
function onHost(line: string, host: string): string {
  return line
    .replace('--name n1 --data-dir n1', `--name n${host} --data-dir n${host}`)
    .replaceAll(/(--listen-\w+-urls http:\/\/10\.0\.0\.)1/g, `$1${host}`);
}

async function backUp(folder: string): Promise<void> {
  await using real = await RealCluster.start(patient);
  await real.request('node1', 'PUT', '/v2/keys/a', { value: 'kept' });
  const lines = linesUnder('Back up');
  assert.ok(lines.length >= 3);
  const here = lines.map((line) =>
    line.replaceAll(/http:\/\/10\.0\.0\.(\d):4001/g, (_, host) => real.url(`node${host}`, '')),
  );
  await succeeds(here.join(' && '), folder);
}

async function succeeds(line: string, folder: string): Promise<void> {
  const { code, stderr } = await type(line, folder, '');
  assert.equal(code, 0, `${line}: ${stderr}`);
}
