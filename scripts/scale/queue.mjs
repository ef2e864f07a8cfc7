import { ask, askAlone } from './lock-client.mjs';
import {
  bytesEach,
  cpuMs,
  median,
  megabytes,
  percentile,
  residentBytes,
  sum,
} from './process-usage.mjs';

/** @typedef {import('../scale.mjs').ScaleCluster} ScaleCluster */
/** @typedef {import('./lock-client.mjs').Answer} Answer */

const blockSize = 500;
const fillLimitMs = 30_000;
/** Before anything is measured: code that has run a while is compiled. */
const warmUpWaiting = 600;

/**
 * Fills the queue of one lock, then releases holder after holder. A line of the table is what the
 * hand-overs cost between two depths of the queue.
 * @param {ScaleCluster} cluster
 * @param {import('../scale.mjs').Sizes} sizes
 */
export async function measureQueue(cluster, { waiting }) {
  const { pids } = cluster;
  console.log(`${waiting} requests wait for one lock, through three members\n`);
  const warmUp = new Queue(cluster, 'warm-up');
  await warmUp.fill(warmUpWaiting);
  await warmUp.handOver(warmUpWaiting);
  const before = pids.map(residentBytes);
  const queue = new Queue(cluster, 'scale');
  await queue.fill(waiting);
  const perPlace = bytesEach(pids, before, waiting);
  console.log(`  members hold ${pids.map((pid) => megabytes(residentBytes(pid))).join('  ')}`);
  console.log(`  resident bytes per place, connections included: ${perPlace.join('  ')}\n`);
  console.log('  places waiting   hand-overs   median ms   p99 ms   CPU ms each, all members');
  const depths = [1, 0.9, 0.5, 0.1, 0.01, 0].map((part) => Math.round(waiting * part));
  for (const [at, from] of depths.entries()) {
    const to = depths[at + 1];
    if (to !== undefined && to < from) print(from, to, await queue.handOver(from - to));
  }
  console.log('\n  every grant answered one request, in the order of the tokens\n');
}

/**
 * @param {number} from
 * @param {number} to
 * @param {{latencies: readonly number[], cpuMsEach: number}} cost latencies in milliseconds
 */
function print(from, to, { latencies, cpuMsEach }) {
  const p99 = percentile(latencies, 0.99);
  const cells = [
    `${from} to ${to}`.padStart(14),
    String(latencies.length).padStart(10),
    median(latencies).toFixed(2).padStart(9),
    p99.toFixed(2).padStart(6),
    cpuMsEach.toFixed(2).padStart(12),
  ];
  console.log(`  ${cells.join('   ')}`);
}

/** One lock, and those who wait for it. */
class Queue {
  #cluster;
  #name;
  #path;
  /** @type {number | string | undefined} */
  #holder;
  #grants = new Grants();

  /**
   * @param {ScaleCluster} cluster
   * @param {string} name
   */
  constructor(cluster, name) {
    this.#cluster = cluster;
    this.#name = name;
    this.#path = `/mod/v2/lock/${name}`;
  }

  /**
   * Somebody holds, and `count` wait. They come block by block: the next one when all of the last
   * are in the queue.
   * @param {number} count
   */
  async fill(count) {
    const { leader, clientPorts: ports } = this.#cluster;
    const { body } = await ask(leader, 'POST', `${this.#path}?ttl=3600`);
    this.#holder = body;
    for (let first = 0; first < count; first += blockSize) {
      const end = Math.min(count, first + blockSize);
      for (let number = first; number < end; number += 1) {
        const port = ports[number % ports.length] ?? leader;
        askAlone(port, 'POST', `${this.#path}?ttl=3600&value=${number}`).then(
          (answer) => this.#grants.take(answer),
          (error) => this.#grants.fail(error),
        );
      }
      await this.#queued(end + 1);
    }
  }

  /** @param {number} expected */
  async #queued(expected) {
    const deadline = performance.now() + fillLimitMs;
    let length = 0;
    while (performance.now() < deadline) {
      this.#grants.demandNone();
      const { body } = await ask(
        this.#cluster.leader,
        'GET',
        `/v2/keys/_etcd/mod/lock/${this.#name}`,
      );
      length = JSON.parse(body).node.nodes.length;
      if (length === expected) return;
    }
    throw new Error(
      `${length} places in the queue, not ${expected}, after ${fillLimitMs / 1000} s`,
    );
  }

  /**
   * Releases one holder after the other, so many times.
   * @param {number} times
   */
  async handOver(times) {
    const { leader, pids } = this.#cluster;
    const latencies = [];
    const cpuBefore = sum(pids.map(cpuMs));
    for (let done = 0; done < times; done += 1) {
      this.#grants.demandNone();
      const startedAt = performance.now();
      const released = ask(leader, 'DELETE', `${this.#path}?index=${this.#holder}`);
      this.#holder = await this.#grants.next();
      latencies.push(performance.now() - startedAt);
      const { status, body } = await released;
      if (status !== 200) throw new Error(`a release got ${status} ${body}`);
    }
    return { latencies, cpuMsEach: (sum(pids.map(cpuMs)) - cpuBefore) / times };
  }
}

/** The answers of those who waited. One at a time is expected, and none unasked. */
class Grants {
  /** @type {number[]} */
  #arrived = [];
  #newest = 0;
  /** @type {unknown} */
  #error;
  #onArrival = () => {};

  /** @param {Answer} answer */
  take({ status, body }) {
    if (status !== 200) this.fail(new Error(`a request that waited got ${status} ${body}`));
    this.#arrived.push(Number(body));
    this.#onArrival();
  }

  /** @param {unknown} error */
  fail(error) {
    this.#error ??= error;
    this.#onArrival();
  }

  demandNone() {
    if (this.#error !== undefined) throw this.#error;
    if (this.#arrived.length > 0)
      throw new Error(`granted though nobody released: ${this.#arrived}`);
  }

  async next() {
    if (this.#arrived.length === 0 && this.#error === undefined) {
      await new Promise((resolve) => {
        this.#onArrival = () => resolve(undefined);
      });
    }
    if (this.#error !== undefined) throw this.#error;
    const token = this.#arrived.shift() ?? 0;
    if (token <= this.#newest) throw new Error(`token ${token} was granted after ${this.#newest}`);
    this.#newest = token;
    return token;
  }
}
