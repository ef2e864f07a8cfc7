import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { LocalCluster } from '../../scripts/cluster/local-cluster.mjs';
import { until } from './until.js';

const stub = fileURLToPath(new URL('stub-member.mjs', import.meta.url));

describe('a local cluster', () => {
  test('tells each member its own address and its links to the others', async () => {
    await using world = await World.start();
    const [one, two] = [await world.ask('node1'), await world.ask('node2')];
    assert.equal(one['command'], 'server');
    assert.equal(one['name'], 'node1');
    assert.equal(one['data-dir'], join(world.dataDir, 'node1'));
    const addresses = world.peerPorts.map((port, at) => `node${at + 1}=http://127.0.0.1:${port}`);
    for (const member of [one, two]) assert.equal(member['initial-cluster'], addresses.join(','));
    const [linkToTwo, linkToOne] = [linkPort(one, 'node2'), linkPort(two, 'node1')];
    assert.equal(new Set([...world.peerPorts, linkToTwo, linkToOne]).size, 5);
  });

  test('without link proxies tells each member the others’ own addresses', async () => {
    await using world = await World.start({ linkProxies: false });
    assert.equal((await world.ask('node2'))['peer-forwards'], undefined);
    assert.throws(() => world.cluster.partition(['node1'], ['node2']), /without link proxies/);
  });

  test('kills, restarts, pauses and resumes one member', async () => {
    await using world = await World.start();
    const { pid } = await world.ask('node2');
    await world.cluster.kill('node2');
    assert.deepEqual(world.states(), ['running', 'dead', 'running']);
    await assert.rejects(world.cluster.kill('node2'), /node2 is dead; it can be restarted/);
    await world.cluster.restart('node2');
    assert.notEqual((await world.ask('node2'))['pid'], pid);
    world.cluster.pause('node2');
    assert.deepEqual(world.states(), ['running', 'paused', 'running']);
    await assert.rejects(world.ask('node2', 300));
    world.cluster.resume('node2');
    await world.ask('node2');
    await world.cluster.restart('node2');
    assert.deepEqual(world.lines, [], 'what was asked for is not reported');
  });

  test('reports a member that ends by itself, and where its log is', async () => {
    await using world = await World.start();
    await assert.rejects(world.ask('node3', 1000, '/die'));
    await until(() => world.lines.length > 0, 'it is reported');
    const log = join(world.dataDir, 'node3.log');
    assert.deepEqual(world.lines, [`node3 has ended by itself (exit code 3): see ${log}`]);
    assert.match(readFileSync(log, 'utf8'), /node3 starts/);
  });

  test('reports a member that cannot be started', async () => {
    await using world = await World.create({ command: ['/nowhere/conclave'] });
    await world.cluster.start();
    await until(() => world.lines.length === 3, 'all three are reported');
    assert.match(world.lines[0] ?? '', /ENOENT/);
    assert.deepEqual(world.states(), ['dead', 'dead', 'dead']);
  });

  test('cuts a pair in both directions', async () => {
    await using world = await World.start();
    const links = [await world.linkPort('node1', 'node2'), await world.linkPort('node2', 'node1')];
    const isSilent = async (port: number) => {
      // Behind the link nobody listens, so a link that is whole ends what it accepted.
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      const ended = once(socket.resume(), 'close').then(() => false);
      const silent = new Promise((later) => setTimeout(later, 300, true));
      const result = await Promise.race([ended, silent]);
      socket.destroy();
      return result;
    };
    world.cluster.partition(['node1'], ['node2']);
    assert.deepEqual(await Promise.all(links.map(isSilent)), [true, true]);
    world.cluster.heal();
    assert.deepEqual(await Promise.all(links.map(isSilent)), [false, false]);
  });

  test('cuts and heals the links between two groups', async () => {
    await using world = await World.start();
    world.cluster.partition(['node1'], ['node2', 'node3']);
    assert.deepEqual(world.cluster.status().cuts, [
      ['node1', 'node2'],
      ['node1', 'node3'],
    ]);
    world.cluster.heal();
    assert.deepEqual(world.cluster.status().cuts, []);
    for (const [group, others, complaint] of [
      [['node1'], ['node9'], /no node "node9"; there are node1, node2, node3/],
      [['node1'], ['node1', 'node2'], /node1 can't be on both sides/],
      [[], ['node2'], /empty/],
    ] as const) {
      assert.throws(() => world.cluster.partition(group, others), complaint);
    }
    assert.deepEqual(world.cluster.status().cuts, []);
  });

  test('takes orders over its socket, and says what it does not know', async () => {
    await using world = await World.start();
    assert.deepEqual(await world.order({ action: 'pause', node: 'node1' }), { ok: true });
    assert.deepEqual(world.states(), ['paused', 'running', 'running']);
    assert.deepEqual(await world.order({ action: 'kill', node: 'node7' }), {
      ok: false,
      error: 'there is no node "node7"; there are node1, node2, node3',
    });
    const { error } = await world.order({ action: 'constructor' });
    assert.match(String(error), /no action "constructor"; there are status, kill, pause/);
    const partition = { action: 'partition', groups: [['node1'], ['node2']] };
    assert.deepEqual(await world.order(partition), { ok: true });
    const status = await world.order({ action: 'status' });
    assert.deepEqual(status['cuts'], [['node1', 'node2']]);
  });

  test('leaves no process and no socket behind when it is stopped', async () => {
    await using world = await World.start();
    const pids = world.cluster.status().nodes.map(({ pid }) => pid ?? 0);
    world.cluster.pause('node2');
    const stoppedAt = performance.now();
    await Promise.all([world.cluster.stop(), world.cluster.stop()]);
    assert.ok(performance.now() - stoppedAt < 8_000, 'nobody had to be killed');
    assert.deepEqual(pids.filter(isAlive), []);
    assert.equal(existsSync(join(world.dataDir, 'control.sock')), false);
    assert.deepEqual(world.lines, []);
  });

  test('whose own process group is killed is not outlived by its members', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'conclave-test-'));
    const options = await optionsFor(dataDir);
    const module = new URL('../../scripts/cluster/local-cluster.mjs', import.meta.url);
    const program = `
      import { LocalCluster } from ${JSON.stringify(module.href)};
      const cluster = new LocalCluster({ ...${JSON.stringify(options)}, log: console.log });
      await cluster.start();
      console.log(JSON.stringify(cluster.status().nodes.map(({ pid }) => pid)));
    `;
    const starter = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const [line] = await once(starter.stdout, 'data');
    const pids: number[] = JSON.parse(String(line));
    assert.equal(pids.filter(isAlive).length, 3);
    assert.ok(starter.pid !== undefined);
    process.kill(-starter.pid, 'SIGKILL');
    await until(() => pids.filter(isAlive).length === 0, 'the members end');
    rmSync(dataDir, { recursive: true });
  });
});

interface Changes {
  readonly command?: readonly string[];
  readonly linkProxies?: boolean;
}

async function optionsFor(dataDir: string) {
  const ports = await freePorts(6);
  return {
    clientPorts: ports.slice(0, 3),
    peerPorts: ports.slice(3),
    dataDir,
    command: [process.execPath, stub],
  };
}

class World implements AsyncDisposable {
  readonly dataDir: string;
  readonly peerPorts: readonly number[];
  readonly cluster: LocalCluster;
  readonly lines: string[] = [];
  readonly #clientPorts: readonly number[];

  constructor(options: Awaited<ReturnType<typeof optionsFor>>, changes: Changes) {
    this.dataDir = options.dataDir;
    this.peerPorts = options.peerPorts;
    this.#clientPorts = options.clientPorts;
    const log = (line: string) => this.lines.push(line);
    this.cluster = new LocalCluster({ ...options, ...changes, log });
  }

  static async create(changes: Changes = {}): Promise<World> {
    return new World(await optionsFor(mkdtempSync(join(tmpdir(), 'conclave-test-'))), changes);
  }

  static async start(changes: Changes = {}): Promise<World> {
    const world = await World.create(changes);
    await world.cluster.start();
    for (const name of world.cluster.names) await world.ask(name);
    return world;
  }

  states(): string[] {
    return this.cluster.status().nodes.map(({ state }) => state);
  }

  /** What the member says of itself, once it does. */
  async ask(name: string, limitMs = 10_000, path = '/'): Promise<Record<string, string>> {
    const port = this.#clientPorts[this.cluster.names.indexOf(name)];
    let said: Record<string, string> = {};
    const answered = async () => {
      try {
        const signal = AbortSignal.timeout(Math.min(limitMs, 1000));
        const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal });
        said = JSON.parse(await response.text());
        return true;
      } catch {
        return false;
      }
    };
    await until(answered, `${name} answers`, limitMs);
    return said;
  }

  /** Where `from` finds `to`. */
  async linkPort(from: string, to: string): Promise<number> {
    return linkPort(await this.ask(from), to);
  }

  /** Sends one line to the control socket, and reads one. */
  async order(request: object): Promise<Record<string, unknown>> {
    const socket = connect(join(this.dataDir, 'control.sock'));
    socket.write(`${JSON.stringify(request)}\n`);
    let text = '';
    for await (const chunk of socket) text += chunk;
    return JSON.parse(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster.stop();
    rmSync(this.dataDir, { recursive: true });
  }
}

/** Where the member that was started with these options finds `to`. */
function linkPort(options: Record<string, string>, to: string): number {
  const links = (options['peer-forwards'] ?? '').split(',');
  const link = links.find((each) => each.startsWith(`${to}=`));
  assert.ok(link, `no link to ${to}: ${links}`);
  return Number(new URL(link.slice(to.length + 1)).port);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
