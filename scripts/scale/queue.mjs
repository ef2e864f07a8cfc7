import { ask, askAlone } from './lock-client.mjs';
import { cpuMs, median, megabytes, residentBytes, sum } from './process-usage.mjs';

const name = 'scale';
const lock = `/mod/v2/lock/${name}`;
const blockSize = 500;
const fillLimitMs = 30_000;

/**
 * Fills the queue of one lock, then releases holder after holder. A line of the table is what the
 * hand-overs cost between two depths of the queue.
 */
export async function measureQueue({ clientPorts, leader, pids }, { waiting }) {
  console.log(`${waiting} requests wait for one lock, through three members\n`);
  const before = pids.map(residentBytes);
  const { body: first } = await ask(leader, 'POST', `${lock}?ttl=3600&value=first`);
  const grants = new Grants();
  await fill(clientPorts, waiting, grants);
  const perPlace = pids.map((pid, at) => ((residentBytes(pid) - before[at]) / waiting).toFixed(0));
  console.log(`  members hold ${pids.map((pid) => megabytes(residentBytes(pid))).join('  ')}`);
  console.log(`  resident bytes per place, connections included: ${perPlace.join('  ')}\n`);
  console.log('  places waiting   hand-overs   median ms   p99 ms   CPU ms each, all members');
  let holder = first;
  const depths = [1, 0.9, 0.5, 0.1, 0.01, 0.001, 0].map((part) => Math.round(waiting * part));
  for (const [at, from] of depths.entries()) {
    const to = depths[at + 1];
    if (to === undefined || to === from) continue;
    holder = await handOver({ leader, pids, grants }, holder, from, to);
  }
  await ask(leader, 'DELETE', `${lock}?index=${holder}`);
  console.log('\n  every grant answered one request, in the order of the tokens\n');
}

/** Opened block by block: the next when all of the last stand in the queue. */
async function fill(ports, count, grants) {
  for (let first = 0; first < count; first += blockSize) {
    const end = Math.min(count, first + blockSize);
    for (let number = first; number < end; number += 1) {
      const port = ports[number % ports.length];
      askAlone(port, 'POST', `${lock}?ttl=3600&value=${number}`).then(
        (answer) => grants.take(answer),
        (error) => grants.fail(error),
      );
    }
    await queueLength(ports[0], end + 1, grants);
  }
}

async function queueLength(port, expected, grants) {
  const deadline = performance.now() + fillLimitMs;
  let length = 0;
  while (performance.now() < deadline) {
    grants.demandNone();
    const { body } = await ask(port, 'GET', `/v2/keys/_etcd/mod/lock/${name}`);
    length = JSON.parse(body).node.nodes.length;
    if (length === expected) return;
  }
  throw new Error(`${length} places in the queue, not ${expected}, after ${fillLimitMs / 1000} s`);
}

/** Releases until only `to` are left waiting. Returns who holds then. */
async function handOver({ leader, pids, grants }, holder, from, to) {
  const latencies = [];
  const cpuBefore = sum(pids.map(cpuMs));
  let current = holder;
  for (let left = from; left > to; left -= 1) {
    grants.demandNone();
    const startedAt = performance.now();
    const released = ask(leader, 'DELETE', `${lock}?index=${current}`);
    current = await grants.next();
    latencies.push(performance.now() - startedAt);
    const { status, body } = await released;
    if (status !== 200) throw new Error(`a release got ${status} ${body}`);
  }
  const cpu = (sum(pids.map(cpuMs)) - cpuBefore) / latencies.length;
  const p99 = latencies.sort((a, b) => a - b)[Math.floor(latencies.length * 0.99)];
  console.log(
    `  ${`${from} to ${to}`.padStart(14)}   ${String(latencies.length).padStart(10)}   ` +
      `${median(latencies).toFixed(2).padStart(9)}   ${p99.toFixed(2).padStart(6)}   ${cpu.toFixed(2).padStart(12)}`,
  );
  return current;
}

/** The answers of those who waited. One at a time is expected, and none unasked. */
class Grants {
  #arrived = [];
  #newest = 0;
  #error;
  #onArrival = () => {};

  take({ status, body }) {
    if (status !== 200) this.fail(new Error(`a request that waited got ${status} ${body}`));
    this.#arrived.push(Number(body));
    this.#onArrival();
  }

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
        this.#onArrival = resolve;
      });
    }
    if (this.#error !== undefined) throw this.#error;
    const token = this.#arrived.shift();
    if (!(token > this.#newest))
      throw new Error(`token ${token} was granted after ${this.#newest}`);
    this.#newest = token;
    return token;
  }
}
