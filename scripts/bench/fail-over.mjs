import { leaderPort } from './leader.mjs';
import { latencies, writeAtRate } from './open-loop.mjs';
import { allServe } from './system.mjs';

/** The leader ends after this part of the run. */
const before = 0.3;

/**
 * Writes go on at a fixed rate, through the other members, while the leader ends. The gap is the
 * longest time in which no write is acknowledged.
 * @param {'SIGKILL' | 'SIGTERM'} signal
 */
export function failOver(signal) {
  /**
   * @param {import('./system.mjs').System} system
   * @param {import('./lines.mjs').Plan} plan
   * @param {string} folder
   */
  return async (system, { perSecond, seconds }, folder) => {
    const leader = await leaderPort(system);
    const position = system.clientPorts.indexOf(leader);
    const ports = system.clientPorts.filter((port) => port !== leader);
    const pid = (await system.pids())[position];
    if (pid === undefined) throw new Error(`the leader of ${system.name} does not run`);
    const running = writeAtRate({ ports, perSecond, seconds, keyOf: (at) => `${folder}/${at}` });
    await new Promise((later) => setTimeout(later, seconds * before * 1000));
    process.kill(pid, signal);
    const all = await running;
    await system.restart(position);
    await allServe(system);
    return { gapMs: longestGap(all), ...latencies(all) };
  };
}

/**
 * When no write succeeds any more, the gap goes on until the last one has failed.
 * @param {readonly import('./open-loop.mjs').Ended[]} all
 */
function longestGap(all) {
  const times = all.filter(({ failed }) => !failed).map(({ endedAt }) => endedAt);
  times.push(Math.max(...all.map(({ endedAt }) => endedAt)));
  times.sort((a, b) => a - b);
  return Math.max(...times.map((time, at) => time - (times[at - 1] ?? time)));
}
