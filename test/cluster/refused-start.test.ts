import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { asBuilt } from './real-cluster.js';
import { until } from './until.js';

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'conclave-test-'));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Member n1 of a cluster of these members, none of which needs to be there. */
async function start(context: TestContext, dataDir: string, members: readonly string[]) {
  const [client, ...peers] = await freePorts(1 + members.length);
  const cluster = members.map((name, at) => `${name}=http://127.0.0.1:${peers[at]}`);
  const [file = '', ...before] = asBuilt;
  const child = spawn(file, [
    ...[...before, 'server', '--name', 'n1', '--data-dir', dataDir],
    ...['--listen-client-urls', `http://127.0.0.1:${client}`],
    ...['--listen-peer-urls', `http://127.0.0.1:${peers[0]}`],
    ...['--initial-cluster', cluster.join(',')],
  ]);
  context.after(() => child.kill('SIGKILL'));
  const printed = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => {
    printed.stdout += text;
  });
  child.stderr.on('data', (text) => {
    printed.stderr += text;
  });
  const ended = once(child, 'close').then(([code]) => code);
  return { child, printed, ended };
}

describe('a start that is refused says in one line why', () => {
  test('where --data-dir is a file', async (context) => {
    const file = join(folder(context), 'file');
    writeFileSync(file, '');
    const { printed, ended } = await start(context, file, ['n1']);
    assert.equal(await ended, 1);
    const beginning = `conclave: cannot start: ${file} cannot be used: it, or a part of its path, is a file`;
    assert.ok(printed.stderr.startsWith(beginning), printed.stderr);
    assert.equal(printed.stderr.split('\n').length, 2);
  });

  test('where the file system can hold no directory, and at once', async (context) => {
    const { printed, ended } = await start(context, '/proc/conclave/x', ['n1']);
    assert.equal(await ended, 1);
    assert.match(printed.stderr, /no directory can be made at \/proc\/conclave: --data-dir must/);
  });

  test('where --initial-cluster has changed, with the names then and now', async (context) => {
    const dataDir = join(folder(context), 'data');
    const first = await start(context, dataDir, ['n1', 'n3', 'n2']);
    await until(() => /"serving on /.test(first.printed.stdout), 'it serves', 30_000);
    first.child.kill('SIGTERM');
    assert.equal(await first.ended, 0);
    const { printed, ended } = await start(context, dataDir, ['n1', 'n2', 'n4']);
    assert.equal(await ended, 1);
    assert.match(
      printed.stderr,
      /is this member's own \(n1\), but .*\(n1, n2, n3 then, n1, n2, n4 now\): name the same/,
    );
    assert.doesNotMatch(printed.stderr, /\b[0-9a-f]{16}\b/);
  });
});
