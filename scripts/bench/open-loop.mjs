import { Agent, request } from 'node:http';
import { percentile } from '../scale/process-usage.mjs';

const answerLimitMs = 20_000;

/**
 * @typedef {object} Writes
 * @property {readonly number[]} ports in turns
 * @property {number} perSecond
 * @property {number} seconds
 * @property {(number: number) => string} keyOf
 */

/** @typedef {{latencyMs: number, endedAt: number, failed: boolean}} Ended */

/**
 * An open loop: writes begin at fixed times, whether the ones before are answered or not. A latency
 * counts from the time at which its write was due, so a stall shows in all writes that were due
 * meanwhile. (A closed loop stops asking during a stall, and sees it once.)
 * @param {Writes} writes
 * @returns {Promise<readonly Ended[]>} in the order in which they were due
 */
export async function writeAtRate({ ports, perSecond, seconds, keyOf }) {
  const agent = new Agent({ keepAlive: true });
  const total = Math.round(perSecond * seconds);
  const startedAt = performance.now();
  /** @type {Promise<Ended>[]} */
  const all = [];
  await new Promise((allSent) => {
    const sendDue = () => {
      const now = performance.now();
      for (;;) {
        const dueAt = startedAt + (all.length * 1000) / perSecond;
        if (all.length === total) return allSent(undefined);
        if (dueAt > now) return void setTimeout(sendDue, dueAt - now);
        const port = ports[all.length % ports.length] ?? 0;
        all.push(put(agent, port, keyOf(all.length)).then((failed) => ended(dueAt, failed)));
      }
    };
    sendDue();
  });
  const result = await Promise.all(all);
  agent.destroy();
  return result;
}

/**
 * @param {number} dueAt
 * @param {boolean} failed
 */
function ended(dueAt, failed) {
  const endedAt = performance.now();
  return { latencyMs: endedAt - dueAt, endedAt, failed };
}

/** @param {readonly Ended[]} all */
export function latencies(all) {
  const sorted = all.map(({ latencyMs }) => latencyMs);
  return {
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    p999Ms: percentile(sorted, 0.999),
    maxMs: percentile(sorted, 1 - 1 / (2 * sorted.length)),
    failed: all.filter(({ failed }) => failed).length,
  };
}

const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
const body = `value=${'v'.repeat(64)}`;

/**
 * Resolves with whether it failed.
 * @param {Agent | undefined} agent
 * @param {number} port
 * @param {string} key
 * @returns {Promise<boolean>}
 */
export function put(agent, port, key) {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, method: 'PUT', path: `/v2/keys/${key}` };
    const connection = { agent: agent ?? false, headers, timeout: answerLimitMs };
    const outgoing = request({ ...options, ...connection }, (response) => {
      const { statusCode = 0 } = response;
      response.resume();
      response.on('end', () => resolve(statusCode !== 200 && statusCode !== 201));
      response.on('error', () => resolve(true));
    });
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.on('error', () => resolve(true));
    outgoing.end(body);
  });
}
