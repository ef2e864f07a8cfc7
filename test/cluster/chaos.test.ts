import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { act } from '../../scripts/cluster/chaos-actions.mjs';
import { ComposeCluster } from '../../scripts/cluster/compose-cluster.mjs';
import { settings } from '../../src/config/settings.js';

describe('scripts/chaos', () => {
  test('does what it is told to the node that is named', async () => {
    await using world = await World.create();
    assert.equal(await world.act('kill node2'), 'node2 is killed');
    assert.equal(await world.act('pause node1'), 'node1 stands still');
    assert.equal(await world.act('resume node1'), 'node1 goes on');
    assert.equal(await world.act('restart node2'), 'node2 is restarted');
    await world.act('partition node1 node2,node3');
    await world.act('heal');
    assert.deepEqual(world.done, [
      'kill node2',
      'pause node1',
      'resume node1',
      'restart node2',
      'partition node1 | node2,node3',
      'heal',
    ]);
  });

  test('takes for the leader who leads in the latest term', async () => {
    await using world = await World.create();
    world.roles = [
      ['leader', 4],
      ['leader', 7],
      ['follower', 7],
    ];
    assert.equal(await world.act('isolate leader'), "node2 can't reach node1, node3, nor they it");
    await world.act('kill leader');
    assert.deepEqual(world.done, ['partition node2 | node1,node3', 'kill node2']);
    world.roles = [
      ['follower', 8],
      ['follower', 8],
      ['follower', 8],
    ];
    await assert.rejects(world.act('kill leader'), /No node leads just now/);
  });

  test('says what is allowed when it is told something else', async () => {
    await using world = await World.create();
    for (const [words, complaint] of [
      ['explode', /no action "explode"[\s\S]*status[\s\S]*heal/],
      ['toString', /no action "toString"/],
      ['kill', /kill takes 1 argument\(s\), not 0/],
      ['kill node4', /no node "node4"; there are node1, node2, node3, and "leader"/],
      ['partition node1', /partition takes 2/],
    ] as const) {
      await assert.rejects(world.act(words), complaint);
    }
    assert.deepEqual(world.done, []);
  });

  test('shows every node, and who cannot reach whom', async () => {
    await using world = await World.create();
    world.roles = [['leader', 3], undefined, ['follower', 3]];
    world.cuts = [['node1', 'node3']];
    const text = await world.act('status');
    assert.match(text, /^node +process +pid +clients +role +term +commit +applied +health\n/);
    assert.match(text, /\nnode1 +running +101 +http\S+ +leader +3 +40 +39 +ok\n/);
    assert.match(text, /\nnode2 +dead +- /);
    assert.match(text, /\nnode3 +running +103 +http\S+ +follower +3 +40 +39 +no quorum\n/);
    assert.match(text, /\nnode1 and node3 can't reach each other$/);
  });

  test('shows what ails a member that says so only when its own wait for the cluster is over', async (context) => {
    const limits: { readonly ms: number; readonly controller: AbortController }[] = [];
    context.mock.method(AbortSignal, 'timeout', (ms: number) => {
      const controller = new AbortController();
      limits.push({ ms, controller });
      return controller.signal;
    });
    await using world = await World.create();
    const asked = world.holdHealth();
    const status = world.act('status');
    await asked;
    const ownWaitMs = Number(settings['request-timeout'].fallback);
    for (const { ms, controller } of limits) if (ms <= ownWaitMs) controller.abort();
    world.releaseHealth();
    const text = await status;
    assert.match(text, /\nnode2 .* no quorum\n/);
    assert.doesNotMatch(text, /no answer/);
  });

  test('ends with a failure and a plain sentence when no cluster runs', async () => {
    const script = fileURLToPath(new URL('../../scripts/chaos', import.meta.url));
    const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
      execFile(script, ['--data-dir', '/nowhere', 'status'], (error, _stdout, text) =>
        resolve({ code: error?.code, stderr: text }),
      );
    });
    assert.deepEqual([code, stderr], [1, 'No cluster runs in /nowhere\n']);
  });
});

test('a member that hangs up at once does not end the command that asks for its status', async (context) => {
  const server = createTcpServer((socket) => socket.end());
  context.after(() => server.close());
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const node = { name: 'n', state: 'running', clientUrl: `http://127.0.0.1:${port}` };
  const module = new URL('../../scripts/cluster/chaos-status.mjs', import.meta.url).href;
  const script = `const { askMembers } = await import('${module}');
    const [answer] = await askMembers([${JSON.stringify(node)}]);
    console.log(answer.health);`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--input-type=module', '--eval', script],
  ]);
  assert.equal(stdout, 'no answer\n');
});

describe('scripts/chaos with docker compose', () => {
  test('reads the nodes from docker', async () => {
    const docker = new FakeDocker();
    docker.states.set('node2', 'paused').set('node3', 'exited');
    const { nodes, cuts } = await docker.cluster.status();
    assert.deepEqual(nodes, [
      { name: 'node1', state: 'running', pid: 1001, clientUrl: 'http://127.0.0.1:4001' },
      { name: 'node2', state: 'paused', pid: 1002, clientUrl: 'http://127.0.0.1:4002' },
      { name: 'node3', state: 'dead', pid: undefined, clientUrl: undefined },
    ]);
    assert.deepEqual(cuts, []);
  });

  test('cuts each pair by the network that it shares, and mends it', async () => {
    const docker = new FakeDocker();
    await docker.cluster.partition(['node2'], ['node1', 'node3']);
    assert.deepEqual((await docker.cluster.status()).cuts, [
      ['node1', 'node2'],
      ['node2', 'node3'],
    ]);
    await docker.cluster.partition(['node2'], ['node1', 'node3']);
    await docker.cluster.heal();
    assert.deepEqual((await docker.cluster.status()).cuts, []);
    assert.deepEqual(docker.changes, [
      'network disconnect --force conclave_node1-node2 id-node1',
      'network disconnect --force conclave_node2-node3 id-node2',
      'network connect --alias node1-peer conclave_node1-node2 id-node1',
      'network connect --alias node2-peer conclave_node2-node3 id-node2',
    ]);
  });

  test('kills, pauses, resumes and restarts by docker’s own means', async () => {
    const docker = new FakeDocker();
    await docker.cluster.kill('node1');
    docker.states.set('node1', 'exited').set('node2', 'paused');
    await assert.rejects(docker.cluster.kill('node1'), /node1 is dead; it can be restarted/);
    await docker.cluster.restart('node1');
    await docker.cluster.resume('node2');
    await docker.cluster.restart('node2');
    await docker.cluster.pause('node3');
    assert.deepEqual(docker.changes, [
      'kill id-node1',
      'restart id-node1',
      'unpause id-node2',
      'unpause id-node2',
      'restart id-node2',
      'pause id-node3',
    ]);
  });
});

type Role = readonly [role: string, term: number] | undefined;

/** Three nodes that write down what is done to them, and say of themselves what they are told. */
class World implements AsyncDisposable {
  readonly done: string[] = [];
  roles: Role[] = [
    ['leader', 1],
    ['follower', 1],
    ['follower', 1],
  ];
  cuts: [string, string][] = [];
  readonly #servers = [0, 1, 2].map((position) =>
    createServer((request, response) => {
      const [role, term] = this.roles[position] ?? [];
      const self = { role, term, commitIndex: 40, appliedIndex: 39 };
      const healthy =
        position === 0 ? { health: 'true' } : { health: 'false', reason: 'no quorum' };
      if (request.url !== '/health') return void response.end(JSON.stringify(self));
      void this.#healthHeld.then(() => response.end(JSON.stringify(healthy)));
      this.#onHealth();
    }),
  );
  #healthHeld = Promise.resolve();
  #onHealth: () => void = () => {};
  releaseHealth: () => void = () => {};

  static async create(): Promise<World> {
    const world = new World();
    const listening = world.#servers.map(
      (server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)),
    );
    await Promise.all(listening);
    return world;
  }

  /**
   * Resolves when the health of all three has been asked for. No answer comes before
   * `releaseHealth`.
   */
  holdHealth(): Promise<void> {
    this.#healthHeld = new Promise((resolve) => {
      this.releaseHealth = resolve;
    });
    let asked = 0;
    return new Promise((resolve) => {
      this.#onHealth = () => {
        asked += 1;
        if (asked === this.#servers.length) resolve();
      };
    });
  }

  async act(words: string): Promise<string> {
    return await act(
      {
        status: () => Promise.resolve({ nodes: this.#nodes(), cuts: this.cuts }),
        kill: (node) => this.#do('kill', node),
        pause: (node) => this.#do('pause', node),
        resume: (node) => this.#do('resume', node),
        restart: (node) => this.#do('restart', node),
        partition: (group, others) => this.#do('partition', group.join(), '|', others.join()),
        heal: () => this.#do('heal'),
      },
      words.split(' '),
    );
  }

  #do(...words: string[]): Promise<void> {
    this.done.push(words.join(' '));
    return Promise.resolve();
  }

  #nodes() {
    return this.#servers.map((server, position) => {
      const isAlive = this.roles[position] !== undefined;
      const state: 'running' | 'dead' = isAlive ? 'running' : 'dead';
      const { port } = server.address() as AddressInfo;
      const pid = isAlive ? 101 + position : undefined;
      return { name: `node${position + 1}`, state, pid, clientUrl: `http://127.0.0.1:${port}` };
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
    return Promise.resolve();
  }
}

/** Answers as docker does for the containers of docker-compose.yml. */
class FakeDocker {
  readonly changes: string[] = [];
  readonly states = new Map(['node1', 'node2', 'node3'].map((name) => [name, 'running']));
  readonly cluster = new ComposeCluster({ folder: '.', docker: (args) => this.#run(args) });
  readonly #networks = new Map([
    ['node1', new Set(['conclave_clients', 'conclave_node1-node2', 'conclave_node1-node3'])],
    ['node2', new Set(['conclave_clients', 'conclave_node1-node2', 'conclave_node2-node3'])],
    ['node3', new Set(['conclave_clients', 'conclave_node1-node3', 'conclave_node2-node3'])],
  ]);

  async #run(args: readonly string[]): Promise<string> {
    if (args[0] === 'ps') return 'id-node3\nid-node1\nid-node2\n';
    if (args[0] === 'inspect') return JSON.stringify(args.slice(1).map((id) => this.#inspect(id)));
    this.changes.push(args.join(' '));
    const [id, network] = args.toReversed();
    const networks = this.#networks.get((id ?? '').replace('id-', ''));
    if (args[1] === 'connect') networks?.add(network ?? '');
    if (args[1] === 'disconnect') networks?.delete(network ?? '');
    return '';
  }

  #inspect(id: string): object {
    const name = id.replace('id-', '');
    const Status = this.states.get(name);
    const isAlive = Status !== 'exited';
    const position = Number(name.replace('node', ''));
    const published = { '4001/tcp': [{ HostIp: '0.0.0.0', HostPort: String(4000 + position) }] };
    const labels = {
      service: name,
      project: 'conclave',
      'project.working_dir': process.cwd(),
    };
    return {
      Id: id,
      Config: {
        Labels: Object.fromEntries(
          Object.entries(labels).map(([key, value]) => [`com.docker.compose.${key}`, value]),
        ),
      },
      State: { Status, Running: isAlive, Pid: isAlive ? 1000 + position : 0 },
      NetworkSettings: {
        Ports: isAlive ? published : {},
        Networks: Object.fromEntries([...(this.#networks.get(name) ?? [])].map((n) => [n, {}])),
      },
    };
  }
}
