import assert from 'node:assert/strict';
import type { ConclaveClient } from '../../src/client/index.js';
import { ChangingCluster } from './changing-cluster.js';
import { until } from './until.js';

/** How many clients there are of each kind. */
interface Clients {
  readonly writers: number;
  readonly lockers: number;
  /** Between two requests of a client. Members that are always busy start slowly. */
  readonly pauseMs: number;
}

/** Clients that write, and others that take locks in turn, through all machines that there are. */
class Load implements AsyncDisposable {
  readonly acknowledged = new Map<string, string>();
  readonly failures: string[] = [];
  grants = 0;
  #holders = 0;
  #isRunning = true;
  readonly #pauseMs: number;
  readonly #done: Promise<void>[];

  constructor({ writers, lockers, pauseMs }: Clients, clientOf: () => ConclaveClient) {
    this.#pauseMs = pauseMs;
    this.#done = [
      ...Array.from({ length: writers }, (_, at) => this.#write(at, clientOf())),
      ...Array.from({ length: lockers }, () => this.#lock(clientOf())),
    ];
  }

  /** All of them have got on since. */
  async goesOn(): Promise<void> {
    const { grants } = this;
    const { size } = this.acknowledged;
    const goOn = () => this.acknowledged.size > size + 50 && this.grants > grants + 5;
    await until(() => goOn() || this.failures.length > 0, 'the clients get on', 60_000);
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    await Promise.all(this.#done);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #write(writer: number, client: ConclaveClient): Promise<void> {
    for (let count = 0; this.#isRunning; count += 1) {
      const key = `load/${writer}/${count}`;
      await this.#try(async () => {
        await client.keys.set(key, `v${count}`);
        this.acknowledged.set(key, `v${count}`);
        await this.#pause();
      });
    }
  }

  async #lock(client: ConclaveClient): Promise<void> {
    while (this.#isRunning) {
      await this.#try(() =>
        client.using('load', { ttl: 30 }, async () => {
          this.#holders += 1;
          if (this.#holders > 1) this.failures.push(`${this.#holders} hold the lock`);
          await new Promise((later) => setTimeout(later, 5));
          this.#holders -= 1;
          this.grants += 1;
        }),
      );
      await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    if (this.#pauseMs > 0) await new Promise((later) => setTimeout(later, this.#pauseMs));
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.failures.push(String(error));
      this.#isRunning = false;
    }
  }
}

const readsAtOnce = 64;

const founders = ['n1', 'n2', 'n3'];
const names = [...founders, 'n4'];

export interface Changed {
  readonly writes: number;
  readonly grants: number;
}

/**
 * While clients write and take locks, a member is added, another one replaced after it has lost its
 * disk, the leader removed, and all that are left are restarted one by one. No request may fail, no
 * write may be lost, and no two may hold the lock.
 */
export async function changeUnderLoad(clients: Clients): Promise<Changed> {
  await using cluster = await ChangingCluster.start(names, founders);
  await using load = new Load(clients, () => cluster.client(names));
  await load.goesOn();

  const added = await cluster.command('n1', 'member', 'add', 'n4', cluster.peerUrl('n4'));
  assert.match(added.stdout, /^added n4 \(\w{16}\); start it with an empty data directory: /);
  cluster.join('n4', 'n2');
  await cluster.areVoters('n1', 'n1', 'n2', 'n3', 'n4');
  await load.goesOn();

  const leader = await cluster.leader('n4');
  const lost = founders.find((name) => name !== leader) ?? '';
  // Nobody can know what became of a write whose member is killed, so this one is told to stop.
  await cluster.stop(lost);
  cluster.loseDisk(lost);
  const replaced = await cluster.command('n4', 'member', 'replace', lost);
  assert.match(replaced.stdout, new RegExp(`^replaced ${lost} \\(\\w{16}\\) by \\w{16}; start`));
  cluster.join(lost, 'n4');
  await cluster.areVoters('n4', 'n1', 'n2', 'n3', 'n4');
  await load.goesOn();

  const toGo = await cluster.leader('n4');
  const stays = names.filter((name) => name !== toGo);
  const [through = ''] = stays;
  const removed = await cluster.command(through, 'member', 'remove', toGo);
  assert.match(removed.stdout, new RegExp(`^removed ${toGo} \\(\\w{16}\\)`), removed.stderr);
  await cluster.areVoters(through, ...stays);
  await cluster.ended(toGo);
  assert.match(cluster.log(toGo), /^conclave: this member was removed from its cluster/m);
  await load.goesOn();

  for (const name of stays) {
    await cluster.stop(name);
    cluster.run(name, []);
    await cluster.serves(name);
    await load.goesOn();
  }

  await load.stop();
  assert.deepEqual(load.failures, []);
  const client = cluster.client(stays);
  const writes = [...load.acknowledged];
  for (let from = 0; from < writes.length; from += readsAtOnce) {
    const some = writes.slice(from, from + readsAtOnce);
    const read = await Promise.all(some.map(([key]) => client.keys.get(key)));
    assert.deepEqual(
      read.map((node) => node?.value),
      some.map(([, value]) => value),
    );
  }
  return { writes: writes.length, grants: load.grants };
}
