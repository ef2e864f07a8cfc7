import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { root } from '../../scripts/packages.mjs';
import { ConclaveClient } from '../../src/client/index.js';
import { Program } from '../programs/program.js';
import { asBuilt, RealCluster } from './real-cluster.js';

const page = readFileSync(join(root, 'docs', 'operations.md'), 'utf8');
/** The script that operators are told to copy, and how they are told to start it. */
const script = /```sh\n(#!\/bin\/sh\n# rolling-restart[\s\S]*?)```/.exec(page)?.[1];
const line = /```sh\n(RESTART=.*)\n```/.exec(page)?.[1];

const writerCount = 16;
const lockClientCount = 20;
const lockCount = 5;
/** Between two requests of a client: the claim is about each request, not about how many. */
const pauseMs = 20;

/** Clients that write and hold locks until they are told to stop. Each failure is kept. */
class Load {
  readonly failures: string[] = [];
  /** The last value of each writer that was acknowledged. */
  readonly written = new Map<string, number>();
  grants = 0;
  readonly #client: ConclaveClient;
  readonly #holders = new Map<string, string>();
  readonly #clients: Promise<void>[] = [];
  #running = true;

  constructor(client: ConclaveClient) {
    this.#client = client;
    for (let count = 0; count < writerCount; count += 1) {
      this.#clients.push(this.#repeat((round) => this.#write(`/rolling/${count}`, round)));
    }
    for (let count = 0; count < lockClientCount; count += 1) {
      const name = `rolling-${count % lockCount}`;
      this.#clients.push(this.#repeat(() => this.#hold(name, `client ${count}`)));
    }
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#clients);
  }

  async #repeat(use: (round: number) => Promise<void>): Promise<void> {
    for (let round = 1; this.#running; round += 1) {
      await use(round).catch((error: unknown) => this.failures.push(String(error)));
      await new Promise((later) => setTimeout(later, pauseMs));
    }
  }

  async #write(key: string, value: number): Promise<void> {
    await this.#client.keys.set(key, String(value));
    this.written.set(key, value);
  }

  async #hold(name: string, who: string): Promise<void> {
    await this.#client.using(name, { ttl: 30 }, async () => {
      const other = this.#holders.get(name);
      if (other !== undefined) this.failures.push(`${other} and ${who} hold ${name}`);
      this.#holders.set(name, who);
      await new Promise((later) => setImmediate(later));
      this.#holders.delete(name);
      this.grants += 1;
    });
  }
}

describe('the script for a rolling restart', () => {
  test('restarts every member under load, and no request fails', async () => {
    assert.ok(script !== undefined && line !== undefined, 'the page has the script, and a call');
    await using real = await RealCluster.start();
    const bin = join(real.dataDir, 'bin');
    mkdirSync(bin);
    const install = (name: string, text: string) => {
      writeFileSync(join(bin, name), text);
      chmodSync(join(bin, name), 0o755);
    };
    install('conclave', `#!/bin/sh\nexec ${asBuilt.join(' ')} "$@"\n`);
    install('rolling-restart', script);
    const chaos = `${process.execPath} ${join(root, 'scripts', 'chaos.mjs')}`;
    install('restart-member', `#!/bin/sh\nexec ${chaos} --data-dir ${real.dataDir} restart "$1"\n`);
    const pids = () => real.cluster.status().nodes.map(({ pid }) => pid);
    const before = pids();

    const endpoints = real.names.map((name) => real.url(name, ''));
    const load = new Load(new ConclaveClient({ endpoints }));
    const here = line.replaceAll(
      /n(\d)=http:\/\/10\.0\.0\.\1:4001/g,
      (_, number) => `node${number}=${real.url(`node${number}`, '')}`,
    );
    await using program = new Program(['sh', '-c', `cd '${bin}' && ${here}`], {
      PATH: `${bin}:${process.env['PATH']}`,
    });
    assert.equal(await program.ends(240_000), 0, program.output);
    assert.match(program.output, /all members are restarted\n$/);
    const grants = load.grants;
    await load.stop();

    assert.deepEqual(load.failures, []);
    assert.ok(grants > 20, `${grants} grants`);
    for (const [position, pid] of pids().entries()) assert.notEqual(pid, before[position]);
    for (const [key, value] of load.written) {
      const state = await (await real.get('node1', `/v2/keys${key}`)).json();
      const { node } = state as { readonly node: { readonly value: string } };
      assert.equal(Number(node.value), value);
    }
    assert.equal(load.written.size, writerCount);
  });
});
