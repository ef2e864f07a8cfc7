import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { root } from '../../scripts/packages.mjs';
import { patient, RealCluster } from '../cluster/real-cluster.js';
import { until } from '../cluster/until.js';
import { Program } from '../programs/program.js';

// Debian has it where only root looks.
const PATH = [process.env['PATH'], '/usr/sbin'].join(delimiter);
const isMissing = spawnSync('nginx', ['-v'], { env: { PATH } }).error !== undefined;
const skip = isMissing ? 'nginx is not installed: apt-get install nginx-light' : false;

describe('examples/nginx.conf fences a service', { skip }, () => {
  let real: RealCluster;
  let folder: string;
  let service: Server;
  const served: (string | undefined)[] = [];
  before(async () => {
    real = await RealCluster.start(patient);
    folder = mkdtempSync(join(tmpdir(), 'conclave-nginx-'));
    service = createServer(({ headers }, response) => {
      served.push(String(headers['x-lock-index']));
      response.end('printed');
    });
    service.listen(0, '127.0.0.1');
    await once(service, 'listening');
  });
  after(async () => {
    service.close();
    await real[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  /** With other ports, and without the folders that belong to the nginx of the machine. */
  const start = async (memberPorts: readonly (number | string)[]) => {
    const [port = 0] = await freePorts(1);
    const address = service.address();
    assert.ok(typeof address === 'object' && address !== null);
    const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    const folders = kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ');
    const config = readFileSync(join(root, 'examples', 'nginx.conf'), 'utf8')
      .replace('http {', `http { ${folders}`)
      .replaceAll(/:400([123])/g, (_, digit) => `:${memberPorts[digit - 1]}`)
      .replace('server 127.0.0.1:8080', `server 127.0.0.1:${address.port}`)
      .replace('listen 127.0.0.1:8000', `listen 127.0.0.1:${port}`);
    mkdirSync(join(folder, String(port)));
    const file = join(folder, String(port), 'nginx.conf');
    writeFileSync(file, config);
    // One process, so that nothing of it is left when it is ended.
    const globals = `daemon off; master_process off; pid ${folder}/${port}/pid;`;
    const command = ['nginx', '-e', 'stderr', '-p', folder, '-c', file, '-g', globals];
    const nginx = new Program(command, { PATH });
    const ask = async (headers: Readonly<Record<string, string>> = {}, method = 'GET') => {
      const answer = await fetch(`http://127.0.0.1:${port}/`, { method, headers });
      return [answer.status, await answer.text()] as const;
    };
    const serves = async () => (await ask().catch(() => undefined)) !== undefined;
    await until(() => serves().then((isUp) => isUp || nginx.hasEnded), 'nginx serves', 30_000);
    assert.ok(!nginx.hasEnded, nginx.output);
    return { nginx, ask };
  };

  test('it lets through who holds the lock, and nobody else', async () => {
    const ports = real.names.map((name) => new URL(real.url(name, '')).port);
    const { nginx, ask } = await start(ports);
    await using _ = nginx;
    const lock = '/mod/v2/lock/printer';
    const index = await (await real.request('node1', 'POST', `${lock}?ttl=60`)).text();
    const headers = { 'X-Lock-Index': index };
    assert.deepEqual(await ask(headers), [200, 'printed']);
    // What else the client says does not change the question.
    const other = { ...headers, Accept: 'text/event-stream', 'Last-Event-ID': '1' };
    assert.deepEqual(await ask(other, 'POST'), [200, 'printed']);
    const wrong = [{}, { 'X-Lock-Index': '999999' }, { 'X-Lock-Index': `${index}&wait=true` }];
    for (const each of wrong) assert.equal((await ask(each))[0], 403, JSON.stringify(each));
    await real.request('node2', 'DELETE', `${lock}?index=${index}`);
    assert.equal((await ask(headers))[0], 403);
    assert.deepEqual(served, [index, index]);
  });

  test('it lets nothing through when no member answers', async () => {
    const { nginx, ask } = await start(await freePorts(3));
    await using _ = nginx;
    const before = served.length;
    assert.equal((await ask({ 'X-Lock-Index': '1' }))[0], 500);
    assert.equal(served.length, before);
  });
});
