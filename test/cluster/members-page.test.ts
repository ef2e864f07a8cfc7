import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { ConclaveClient } from '../../src/client/index.js';
import { linesUnder, type } from './operations-page.js';
import { asBuilt } from './real-cluster.js';
import { until } from './until.js';

const hosts = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.1.2'];

/** The machines of the page, all of them here: each of its addresses has a port. */
class PageHosts implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'conclave-members-page-'));
  readonly #ports = new Map<string, number>();
  readonly #running = new Map<string, ChildProcess>();

  static async make(): Promise<PageHosts> {
    const machines = new PageHosts();
    const ports = await freePorts(2 * hosts.length);
    for (const [at, host] of hosts.entries()) {
      machines.#ports.set(`${host}:4001`, ports[2 * at] ?? 0);
      machines.#ports.set(`${host}:7001`, ports[2 * at + 1] ?? 0);
    }
    return machines;
  }

  /** A line of the page, with the addresses that there are here. */
  here(line: string): string {
    return line.replaceAll(/10\.0\.\d\.\d:\d{4}/g, (address) => {
      const port = this.#ports.get(address);
      assert.ok(port !== undefined, `${address} is on no machine of the test`);
      return `127.0.0.1:${port}`;
    });
  }

  url(host: string): string {
    return this.here(`http://${host}:4001`);
  }

  /** Types a command, asks all of the first three machines, and returns what it prints. */
  async run(line: string): Promise<string> {
    const endpoints = hosts.slice(0, 3).map((host) => this.url(host));
    const { code, stdout, stderr } = await type(this.here(line), this.folder, endpoints.join());
    assert.equal(code, 0, `${line}: ${stderr}`);
    return stdout;
  }

  /** Starts what a line that begins with `conclave server` starts. */
  serve(name: string, line: string): void {
    const words = this.here(line).split(' ');
    assert.deepEqual(words.slice(0, 4), ['conclave', 'server', '--name', name], line);
    const [file = '', ...before] = asBuilt;
    const log = openSync(join(this.folder, `${name}.log`), 'a');
    const child = spawn(file, [...before, ...words.slice(1)], {
      cwd: this.folder,
      env: { ...process.env, CONCLAVE_REQUEST_TIMEOUT: '10000' },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#running.set(name, child);
  }

  log(name: string): string {
    return readFileSync(join(this.folder, `${name}.log`), 'utf8');
  }

  async end(name: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#running.get(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ending = once(child, 'exit');
    child.kill(signal);
    await ending;
  }

  /** It has ended by itself, with this code. */
  async ended(name: string, code: number): Promise<void> {
    await until(() => this.#running.get(name)?.exitCode === code, `${name} ends`, 60_000);
  }

  /** These members vote, as seen from a machine, and that machine serves. */
  async areVoters(through: string, ...names: readonly string[]): Promise<void> {
    const client = new ConclaveClient({ endpoints: [this.url(through)], requestTimeoutMs: 30_000 });
    const areThere = async () => {
      const members = await client.members().catch(() => []);
      const voters = members.filter(({ learner }) => !learner).map(({ name }) => name);
      return voters.toSorted().join() === names.join();
    };
    await until(areThere, `the voters are ${names}`, 60_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#running.keys()) await this.end(name, 'SIGKILL');
    rmSync(this.folder, { recursive: true });
  }
}

const founders = ['n1', 'n2', 'n3'];
const initial = founders.map((name, at) => `${name}=http://${hosts[at]}:7001`).join();

function founding(name: string, host: string): string {
  const urls = `--listen-client-urls http://${host}:4001 --listen-peer-urls http://${host}:7001`;
  return `conclave server --name ${name} --data-dir ${name}.conclave ${urls} --initial-cluster ${initial}`;
}

describe('what docs/operations.md says of changing the members does what it says', () => {
  let machines: PageHosts;
  before(async () => {
    machines = await PageHosts.make();
    for (const [at, name] of founders.entries()) {
      machines.serve(name, founding(name, hosts[at] ?? ''));
    }
    for (const host of hosts.slice(0, 3)) await machines.areVoters(host, ...founders);
  });
  after(async () => {
    await machines[Symbol.asyncDispose]();
  });

  test('"Replace a member", after its disk is lost', async () => {
    const [replace = '', server = '', ...more] = linesUnder('Replace a member');
    assert.deepEqual(more, []);
    await machines.end('n3', 'SIGKILL');
    rmSync(join(machines.folder, 'n3.conclave'), { recursive: true });
    assert.match(await machines.run(replace), /^replaced n3 \(\w{16}\) by \w{16}; start it/);
    machines.serve('n3', server);
    await machines.areVoters('10.0.0.3', ...founders);
  });

  test('"Grow", from three members to five', async () => {
    const [add = '', server = '', list = '', ...more] = linesUnder('Grow');
    assert.deepEqual(more, []);
    for (const name of ['n4', 'n5']) {
      const its = (line: string) =>
        line.replaceAll('n4', name).replaceAll('10.0.0.4', `10.0.0.${name.slice(1)}`);
      assert.match(await machines.run(its(add)), new RegExp(`^added ${name} \\(\\w{16}\\)`));
      machines.serve(name, its(server));
      const votes = async () =>
        new RegExp(`^${name} \\(\\w{16}\\): (follower|leader) `, 'm').test(
          await machines.run(list),
        );
      await until(votes, `${name} is no learner any more`, 60_000);
    }
    await machines.areVoters('10.0.0.5', ...founders, 'n4', 'n5');
  });

  test('"Shrink", to three again', async () => {
    const lines = linesUnder('Shrink');
    assert.equal(lines.length, 2);
    for (const [at, name] of ['n5', 'n4'].entries()) {
      assert.match(await machines.run(lines[at] ?? ''), new RegExp(`^removed ${name} `));
      await machines.ended(name, 0);
      assert.match(machines.log(name), /^conclave: this member was removed from its cluster/m);
    }
    await machines.areVoters('10.0.0.1', ...founders);
  });

  test('"Move hosts", with the data directory', async () => {
    const [update = '', ...more] = linesUnder('Move hosts');
    assert.deepEqual(more, []);
    await machines.end('n2', 'SIGTERM');
    renameSync(join(machines.folder, 'n2.conclave'), join(machines.folder, 'moved'));
    assert.match(
      await machines.run(update),
      new RegExp(`^n2 \\(\\w{16}\\) is reached at ${machines.here('http://10.0.1.2:7001')}`),
    );
    const moved = founding('n2', '10.0.1.2').replace('n2.conclave', 'moved');
    machines.serve('n2', moved);
    await machines.areVoters('10.0.1.2', ...founders);
  });

  test('"When a majority is lost for good", by the last survivor', async () => {
    const [forced = '', ...more] = linesUnder('When a majority is lost for good');
    assert.deepEqual(more, []);
    for (const name of founders) await machines.end(name, 'SIGKILL');
    const [, flags = ''] = / --data-dir \S+ (.*)$/.exec(founding('n1', '10.0.0.1')) ?? [];
    machines.serve('n1', `${forced} ${flags}`);
    await machines.areVoters('10.0.0.1', 'n1');
    assert.match(machines.log('n1'), /gave up all other members for good/);
    await machines.end('n1', 'SIGTERM');
    machines.serve('n1', founding('n1', '10.0.0.1'));
    await machines.areVoters('10.0.0.1', 'n1');
  });
});
