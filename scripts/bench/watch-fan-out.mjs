import { Agent, get } from 'node:http';
import { inParallel } from '../scale/lock-client.mjs';
import { median, percentile } from '../scale/process-usage.mjs';
import { leaderPort } from './leader.mjs';
import { put } from './open-loop.mjs';

const writesMin = 5;
const openAtOnce = 64;
const arrivalLimitMs = 20_000;

/**
 * Many clients watch one key at the leader, each by a stream. It is written again and again; each
 * time, how long does it take until the last of them has the new value?
 * @param {import('./system.mjs').System} system
 * @param {import('./lines.mjs').Plan} plan
 * @param {string} key
 */
export async function watchFanOut(system, { watchers, seconds }, key) {
  const port = await leaderPort(system);
  const arrivals = new Arrivals();
  const agent = new Agent({ keepAlive: true });
  const streams = await Promise.all(
    Array.from({ length: watchers }, () => openWatch(port, key, arrivals)),
  );
  try {
    const times = [];
    const until = performance.now() + seconds * 1000;
    while (times.length < writesMin || performance.now() < until) {
      const startedAt = performance.now();
      await Promise.all([arrivals.next(watchers), write(agent, port, key)]);
      times.push(performance.now() - startedAt);
    }
    return { lastMs: median(times), p99Ms: percentile(times, 0.99) };
  } finally {
    for (const stream of streams) stream.destroy();
    agent.destroy();
  }
}

/**
 * @param {Agent} agent
 * @param {number} port
 * @param {string} key
 */
async function write(agent, port, key) {
  if (await put(agent, port, key)) throw new Error('a write to the watched key failed');
}

/**
 * So many streams for a key that nobody writes. Resolves with what ends them.
 * @param {number} port
 * @param {string} key
 * @param {number} count
 */
export async function openWatches(port, key, count) {
  const arrivals = new Arrivals();
  /** @type {import('node:http').ClientRequest[]} */
  const watches = [];
  await inParallel(count, openAtOnce, async () => {
    watches.push(await openWatch(port, key, arrivals));
  });
  return () => {
    for (const watch of watches) watch.destroy();
  };
}

/** Counts what arrives at all watchers together. */
class Arrivals {
  #missing = 0;
  /** @type {(error?: Error) => void} */
  #end = () => {};

  /**
   * Resolves when so many events have arrived from now on.
   * @param {number} count
   */
  next(count) {
    return new Promise((resolve, reject) => {
      this.#missing += count;
      const tooLate = () =>
        reject(new Error(`${this.#missing} of ${count} watchers heard nothing of a write`));
      const limit = setTimeout(tooLate, arrivalLimitMs);
      this.#end = (error) => {
        clearTimeout(limit);
        if (error === undefined) resolve(undefined);
        else reject(error);
      };
    });
  }

  add() {
    this.#missing -= 1;
    if (this.#missing === 0) this.#end();
  }

  /** @param {Error} error */
  fail(error) {
    this.#end(error);
  }
}

/**
 * Resolves when the member has sent the head of its answer.
 * @param {number} port
 * @param {string} key
 * @param {Arrivals} arrivals
 * @returns {Promise<import('node:http').ClientRequest>}
 */
function openWatch(port, key, arrivals) {
  return new Promise((resolve, reject) => {
    const path = `/v2/keys/${key}?wait=true&stream=true`;
    const watch = get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`a watch got ${response.statusCode}`));
      // An event is one line, and far smaller than a packet.
      response.on('data', () => arrivals.add());
      response.on('end', () => arrivals.fail(new Error('a watch ended')));
      response.on('error', (error) => arrivals.fail(error));
      resolve(watch);
    });
    watch.on('error', reject);
  });
}
