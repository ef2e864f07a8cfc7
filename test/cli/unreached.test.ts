import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { Authority } from '../support/certificates.js';
import { OneMember } from './one-member.js';
import { ended, start } from './recorded-command.js';

/** Far less than the ten seconds for which a cluster that cannot serve is asked. */
const soonMs = 7000;

const asking: readonly (readonly string[])[] = [
  ['get', '/a'],
  ['set', '/a', '1'],
  ['rm', '/a'],
  ['ls'],
  ['leader', 'jobs'],
  ['locks'],
  ['locks', 'release', 'a', '--index', '1'],
  ['unlock', 'a', '--index', '1'],
  ['member', 'list'],
];
const waiting: readonly (readonly string[])[] = [
  ['lock', 'a', '--', 'echo', 'ran'],
  ['elect', 'a', 'me', '--', 'echo', 'ran'],
  ['once', 'a', '--key', 'k', '--', 'echo', 'ran'],
  ['watch', '/a'],
  ['locks', '--watch'],
  ['leader', 'jobs', '--watch'],
];

async function run(args: readonly string[], url: string) {
  const startedAt = performance.now();
  const told = await ended(start(args, { CONCLAVE_ENDPOINTS: url }));
  return { ...told, tookMs: performance.now() - startedAt };
}

/** Where nothing listens. */
async function deserted(): Promise<{ readonly port: number; readonly url: string }> {
  const [port = 0] = await freePorts(1);
  return { port, url: `http://127.0.0.1:${port}` };
}

describe('where nothing listens', () => {
  test('a command that asks once is soon over, with one line on stderr', async () => {
    const { port, url } = await deserted();
    const why = `no member was reached: nothing listens at 127.0.0.1:${port}`;
    const all = await Promise.all(asking.map((args) => run(args, url)));
    for (const [at, { code, stdout, stderr, tookMs }] of all.entries()) {
      assert.deepEqual([code, stdout], [69, ''], asking[at]?.join(' '));
      assert.ok(stderr.startsWith('conclave: ') && stderr.endsWith(`: ${why}\n`), stderr);
      assert.equal(stderr.split('\n').length, 2);
      assert.ok(tookMs < soonMs, `${asking[at]?.join(' ')}: ${tookMs} ms`);
    }
  });

  test('a command that waits tells it soon, and goes on', async () => {
    const { url } = await deserted();
    const notice = `conclave: no member answers; still trying: ${url}: nothing listens there\n`;
    const children = waiting.map((args) => start(args, { CONCLAVE_ENDPOINTS: url }));
    const told = await Promise.all(children.map(({ stderr }) => once(stderr, 'data')));
    for (const [at, child] of children.entries()) {
      assert.deepEqual([told[at], child.exitCode], [[notice], null], waiting[at]?.join(' '));
      child.kill('SIGKILL');
    }
  });

  test('a wait for a lock ends well when a member comes after all', async () => {
    const { port, url } = await deserted();
    const child = start(['lock', 'a', '--', 'echo', 'ran'], { CONCLAVE_ENDPOINTS: url });
    const [told]: string[] = await once(child.stderr, 'data');
    assert.match(told ?? '', /^conclave: no member answers; /);
    await using member = await OneMember.start(async () => undefined, port);
    const { code, stdout, stderr } = await ended(child);
    assert.deepEqual([code, stdout, stderr], [0, 'ran\n', '']);
    assert.equal(member.asked[0], 'POST lock');
  });
});

describe('where no certificate is trusted', () => {
  using authority = new Authority();
  const { certFile, keyFile } = authority.issue();
  const files = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
  const server = createServer(files, (_, response) => response.end());
  before(async () => {
    await once(server.listen(0, 'localhost'), 'listening');
  });
  after(() => server.close());

  for (const args of [...asking, ...waiting]) {
    test(`conclave ${args.join(' ')} says so at once, and names --cacert`, async () => {
      const { port } = server.address() as AddressInfo;
      const { code, stdout, stderr, tookMs } = await run(args, `https://localhost:${port}`);
      assert.deepEqual([code, stdout], [69, '']);
      const line =
        /^conclave: .*: no member was reached: .*certificate.*; --cacert names the authority to trust\n$/;
      assert.match(stderr, line);
      assert.ok(tookMs < soonMs, `${tookMs} ms`);
    });
  }

  test('a port that speaks no TLS is told at once, too', async () => {
    await using member = await OneMember.start(async () => undefined);
    const { code, stderr, tookMs } = await run(
      ['get', '/a'],
      member.endpoint.replace('http', 'https'),
    );
    const why = 'no member was reached: nothing speaks TLS there; try http://';
    assert.deepEqual([code, stderr], [69, `conclave: /a: ${why}\n`]);
    assert.ok(tookMs < soonMs, `${tookMs} ms`);
  });

  test('so is a port that speaks no HTTP, such as that for peers', async () => {
    await using peerPort = createTcpServer((socket) => {
      socket.once('data', () => socket.end('\0\0')).once('error', () => socket.destroy());
    });
    await once(peerPort.listen(0, '127.0.0.1'), 'listening');
    const { port } = peerPort.address() as AddressInfo;
    const { stdout } = await run(['health'], `http://127.0.0.1:${port}`);
    const why =
      'nothing speaks HTTP there: give the address of a member for clients, not for peers';
    assert.equal(stdout, `http://127.0.0.1:${port} is not healthy: ${why}\n`);
  });

  test('conclave health and import name the option, too', async () => {
    const { port } = server.address() as AddressInfo;
    const url = `https://localhost:${port}`;
    const health = await run(['health'], url);
    assert.match(health.stdout, /: .*certificate; --cacert names the authority to trust\n$/);
    const copied = await run(['import', '--from', url], url);
    assert.match(copied.stderr, /; --from-cacert names the authority to trust\n$/);
    using other = new Authority();
    const foreign = await run(['health', '--cacert', other.caFile], url);
    assert.match(foreign.stdout, /; --cacert names no authority that vouches for it\n$/);
  });
});
