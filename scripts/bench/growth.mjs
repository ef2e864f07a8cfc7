import { figures } from './figures.mjs';
import { leaderPort } from './leader.mjs';
import { ask } from './lines.mjs';
import { fill, timeToStart } from './many-keys.mjs';
import { put } from './open-loop.mjs';
import { residentMb } from './steady.mjs';
import { openWatches } from './watch-fan-out.mjs';

/** @typedef {import('./system.mjs').Systems} Systems */
/** @typedef {import('./system.mjs').System} System */
/** @typedef {import('./lines.mjs').Figures} Figures */

/**
 * How far it grows. A log is as long as the keys that were written into it, without a snapshot.
 * @typedef {object} Growth
 * @property {number} seconds of each run
 * @property {readonly number[]} keys
 * @property {readonly number[]} log entries
 * @property {readonly number[]} values bytes
 * @property {readonly number[]} members
 * @property {readonly number[]} watchers of other keys
 */

/** No snapshot comes before so many entries. */
const noSnapshot = 100_000_000;
const shown = ['perSecond', 'p50Ms', 'p99Ms', 'cpuUs', 'residentMb', 'startMs', 'failed'];

/**
 * What writes through 64 connections to the leader cost as one thing grows: a table for
 * docs/performance.md. Members run without proxies; each row has a new cluster.
 * @param {Systems} systems
 * @param {Growth} growth
 */
export async function printGrowth(systems, { seconds, keys, log, values, members, watchers }) {
  const heads = shown.map((name) => figures[name]?.title ?? figures[name]?.unit);
  console.log(`| growing | ${heads.join(' | ')} |`);
  console.log(`| --- |${shown.map(() => ' --- |').join('')}`);
  for (const count of keys) {
    await row(systems, `${count} keys`, {}, (system) => afterKeys(system, count, seconds));
  }
  for (const count of log) {
    const settings = { snapshotCount: noSnapshot };
    const title = `log of ${count} entries`;
    await row(systems, title, settings, (system) => afterKeys(system, count, seconds));
  }
  for (const bytes of values) {
    await row(systems, `values of ${bytes} bytes`, {}, (system) => write(system, seconds, bytes));
  }
  for (const count of members) {
    const settings = { members: count };
    await row(systems, `${count} members`, settings, (system) => write(system, seconds, 64));
  }
  for (const count of watchers) {
    await row(systems, `${count} watchers`, {}, async (system) => {
      const close = await openWatches(await leaderPort(system), 'watched', count);
      const found = await write(system, seconds, 64);
      close();
      return found;
    });
  }
}

/**
 * @param {Systems} systems
 * @param {string} title
 * @param {{members?: number, snapshotCount?: number}} settings
 * @param {(system: System) => Promise<Figures>} measure
 */
async function row(systems, title, settings, measure) {
  const system = await systems.start('no proxies', settings);
  const found = await measure(system);
  await systems.stop(system);
  const cells = shown.map((name) => found[name]?.toFixed(figures[name]?.digits) ?? '');
  console.log(`| ${title} | ${cells.join(' | ')} |`);
}

/**
 * @param {System} system
 * @param {number} seconds
 * @param {number} bytes of a value
 * @returns {Promise<Figures>}
 */
async function write(system, seconds, bytes) {
  const load = {
    ...{ script: 'put.lua', connections: 64, args: [`${bytes}`, '100'] },
    portsOf: async () => [await leaderPort(system)],
  };
  const found = await ask(system, load, seconds, 'growth');
  return { ...found, residentMb: await residentMb(system) };
}

/**
 * @param {System} system
 * @param {number} keys
 * @param {number} seconds
 */
async function afterKeys(system, keys, seconds) {
  if ((await fill(system, keys)) > 0) throw new Error('a write failed while the keys were written');
  const found = await write(system, seconds, 64);
  if (await put(undefined, await leaderPort(system), 'newest')) throw new Error('a write failed');
  return { ...found, startMs: await timeToStart(system, 'newest') };
}
