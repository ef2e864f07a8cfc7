import { mkdtempSync, readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from '../scale/process-usage.mjs';
import { leaderPort } from './leader.mjs';
import { put } from './open-loop.mjs';
import { runningPids } from './system.mjs';

/** @typedef {import('./trace-member.mjs').Mark} Mark */

const tracer = fileURLToPath(new URL('trace-member.mjs', import.meta.url));

/**
 * The way of a write to the first follower that answers: each phase with its last mark.
 * @type {readonly (readonly [phase: string, where: 'leader' | 'follower', what: string])[]}
 */
const phases = [
  ['parse', 'leader', 'proposed'],
  ['propose', 'leader', 'sent AppendEntriesRequest'],
  ['gRPC out', 'follower', 'got AppendEntriesRequest'],
  ["follower's turn", 'follower', 'write'],
  ["follower's LevelDB hop and sync", 'follower', 'written'],
  ["follower's answer", 'follower', 'sent AppendEntriesResponse'],
  ['gRPC back', 'leader', 'got AppendEntriesResponse'],
  ['commit', 'leader', 'apply'],
  ['apply', 'leader', 'applied'],
  ['answer', 'leader', 'answered'],
];

/**
 * Writes on one connection to the leader, one after the other, and prints the median of each phase.
 * @param {import('./system.mjs').Systems} systems
 * @param {string} scratch a directory
 * @param {number} writes that are measured, after half as many to warm up
 */
export async function printBudget(systems, scratch, writes) {
  const traces = mkdtempSync(join(scratch, 'traces-'));
  process.env['BENCH_TRACE_DIR'] = traces;
  const system = await systems.start('no proxies', { nodeFlags: ['--import', tracer] });
  const pids = await runningPids(system);
  const port = await leaderPort(system);
  const leader = pids[system.clientPorts.indexOf(port)];
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let done = 0; done < 1.5 * writes; done += 1) {
    if (await put(agent, port, `budget/${done}`)) throw new Error(`write ${done} failed`);
  }
  agent.destroy();
  await systems.stop(system);
  const marksOf = pids.map((pid) => ({
    pid,
    /** @type {Mark[]} */
    marks: JSON.parse(readFileSync(join(traces, `${pid}.json`), 'utf8')),
  }));
  const ofLeader = marksOf.find(({ pid }) => pid === leader)?.marks ?? [];
  const followers = marksOf.filter(({ pid }) => pid !== leader).map(({ marks }) => marks);
  print(requestsOf(ofLeader).slice(-writes), followers);
}

/**
 * The marks of each write, from its request to its answer.
 * @param {readonly Mark[]} marks of the leader
 */
function requestsOf(marks) {
  /** @type {Mark[][]} */
  const requests = [];
  for (const mark of marks) {
    if (mark.what === 'request') requests.push([]);
    requests.at(-1)?.push(mark);
  }
  return requests.filter((each) => each.some(({ what }) => what === 'proposed'));
}

/**
 * @param {readonly Mark[][]} requests
 * @param {readonly Mark[][]} followers
 */
function print(requests, followers) {
  const byFollower = followers.map(byIndex);
  const steps = requests.flatMap((marks) => {
    const step = stepsOf(marks, byFollower);
    return step === undefined ? [] : [step];
  });
  if (steps.length === 0) throw new Error('no write could be followed through its phases');
  console.log(`Medians of ${steps.length} writes, one at a time, in milliseconds:\n`);
  for (const [at, [phase]] of phases.entries()) {
    const each = steps.map((step) => step[at] ?? Number.NaN);
    console.log(`  ${phase.padEnd(34)} ${median(each).toFixed(3)}`);
  }
  const all = steps.map((step) => step.reduce((total, each) => total + each, 0));
  console.log(`  ${'all'.padEnd(34)} ${median(all).toFixed(3)}`);
}

/**
 * The first time of each kind of mark, by the index of its entry.
 * @param {readonly Mark[]} marks
 */
function byIndex(marks) {
  /** @type {Map<string, number>} */
  const times = new Map();
  for (const { what, index, at } of marks) {
    const key = `${what} ${index}`;
    if (!times.has(key)) times.set(key, at);
  }
  return times;
}

/**
 * How long each phase of a write took. Undefined when the write did not have an entry to itself.
 * @param {readonly Mark[]} marks of the leader
 * @param {readonly Map<string, number>[]} followers
 */
function stepsOf(marks, followers) {
  const index = marks.find(({ what }) => what === 'write')?.index;
  const times = followers
    .map((follower) => timesOf(marks, follower, index))
    .filter((each) => each.every((time) => time !== undefined))
    // Whose answer came first.
    .sort((a, b) => (a[5] ?? 0) - (b[5] ?? 0))[0];
  const begin = marks[0]?.at;
  if (times === undefined || begin === undefined) return undefined;
  return times.map((time, at) => (time ?? 0) - (at === 0 ? begin : (times[at - 1] ?? 0)));
}

/**
 * @param {readonly Mark[]} marks
 * @param {Map<string, number>} follower
 * @param {number | undefined} index
 */
function timesOf(marks, follower, index) {
  return phases.map(([, where, what]) => {
    if (where === 'follower') return follower.get(`${what} ${index}`);
    return marks.find(
      (mark) => mark.what === what && (mark.index === undefined || mark.index === index),
    )?.at;
  });
}
