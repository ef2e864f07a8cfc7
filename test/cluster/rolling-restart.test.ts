import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { RealCluster } from './real-cluster.js';
import { until } from './until.js';

interface Place {
  readonly index: number;
  readonly value: string;
}

/** Waits for the lock at one member after the other, and comes back to its place by what it has. */
class Waiter {
  readonly granted: Promise<string>;
  handedOver = 0;
  readonly #real: RealCluster;
  readonly #value: string;
  #place: string | undefined;

  constructor(real: RealCluster, firstMember: string, value: string) {
    this.#real = real;
    this.#value = value;
    this.granted = this.#wait(firstMember);
  }

  async #wait(firstMember: string): Promise<string> {
    const { names } = this.#real;
    for (let at = names.indexOf(firstMember); ; at += 1) {
      const answer = await this.#ask(names[at % names.length] ?? '');
      if (answer === undefined) continue;
      const text = await answer.text();
      if (answer.status === 200) return text;
      assert.equal(answer.status, 503, text);
      assert.equal(answer.headers.get('retry-after'), '1');
      const { place } = JSON.parse(text);
      if (place === undefined) continue;
      this.handedOver += 1;
      assert.equal(place, Number(this.#place ?? place), 'the same place as before');
      this.#place = String(place);
    }
  }

  /** Undefined when nobody listens there, or the member closed the connection. */
  async #ask(member: string): Promise<Response | undefined> {
    const entry = this.#value === '' ? this.#named() : `&value=${this.#value}`;
    try {
      return await fetch(this.#real.url(member, `/mod/v2/lock/rolling?ttl=60${entry}`), {
        method: 'POST',
      });
    } catch {
      return undefined;
    }
  }

  #named(): string {
    return this.#place === undefined ? '' : `&index=${this.#place}`;
  }
}

describe('a rolling restart', () => {
  let real: RealCluster;
  before(async () => {
    real = await RealCluster.start(['--request-timeout', '10000']);
  });
  after(async () => await real[Symbol.asyncDispose]());

  const queue = async (member: string): Promise<readonly Place[]> => {
    const headers = { Accept: 'application/json' };
    const answer = await fetch(real.url(member, '/mod/v2/lock/rolling'), { headers });
    if (answer.status !== 200) return [];
    const places: readonly Place[] = JSON.parse(await answer.text()).queue;
    return places.map(({ index, value }) => ({ index, value }));
  };

  test('keeps the order of a queue whose clients wait at every member, with values and without', async () => {
    const holder = await real.request('node1', 'POST', '/mod/v2/lock/rolling?ttl=120');
    const index = await holder.text();
    const waiters: Waiter[] = [];
    for (const value of ['a', '', 'b', 'c', '', 'd']) {
      const member = real.names[waiters.length % real.names.length] ?? '';
      waiters.push(new Waiter(real, member, value));
      await until(
        async () => (await queue('node1')).length === waiters.length,
        `${waiters.length} wait`,
      );
    }
    const order = await queue('node1');
    for (const name of real.names) {
      await real.cluster.restart(name);
      await until(
        async () => (await real.get(name, '/health')).status === 200,
        `${name} serves`,
        30_000,
      );
      assert.deepEqual(await queue(name), order);
    }
    assert.ok(waiters.every(({ handedOver }) => handedOver > 0));
    await real.request('node2', 'DELETE', `/mod/v2/lock/rolling?index=${index}`);
    for (const [position, waiter] of waiters.entries()) {
      const granted = await waiter.granted;
      assert.equal(granted, String(order[position]?.index));
      await real.request('node3', 'DELETE', `/mod/v2/lock/rolling?index=${granted}`);
    }
    assert.deepEqual(await queue('node1'), []);
  });
});
