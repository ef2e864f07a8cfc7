import { cpuMs, residentBytes, sum } from '../scale/process-usage.mjs';
import { latencies, writeAtRate } from './open-loop.mjs';
import { runningPids } from './system.mjs';

/** The steady run writes to so many keys again and again, so that the state does not grow. */
const steadyKeys = 10_000;
/** Memory is compared between this part of the run and its end. */
const settledPart = 0.1;
const bytesPerMb = 2 ** 20;

/**
 * Writes through all members, at a fixed rate.
 * @param {import('./system.mjs').System} system
 * @param {Pick<import('./lines.mjs').Plan, 'perSecond' | 'seconds'>} plan
 * @param {string} folder
 */
export async function writesAtRate(system, { perSecond, seconds }, folder) {
  const pids = await runningPids(system);
  const before = sum(pids.map(cpuMs));
  const all = await writeAtRate({
    ...{ ports: system.clientPorts, perSecond, seconds },
    keyOf: (number) => `${folder}/${number % steadyKeys}`,
  });
  const cpuUs = ((sum(pids.map(cpuMs)) - before) * 1000) / all.length;
  return { ...latencies(all), cpuUs };
}

/**
 * The same for long.
 * @param {import('./system.mjs').System} system
 * @param {import('./lines.mjs').Plan} plan
 * @param {string} folder
 */
export async function steady(system, { perSecond, steadySeconds }, folder) {
  const first = { perSecond, seconds: steadySeconds * settledPart };
  const { failed } = await writesAtRate(system, first, folder);
  const settled = await residentMb(system);
  const rest = { perSecond, seconds: steadySeconds * (1 - settledPart) };
  const found = await writesAtRate(system, rest, folder);
  const end = await residentMb(system);
  return { ...found, failed: failed + found.failed, residentMb: end, grownMb: end - settled };
}

/**
 * Of the largest member.
 * @param {import('./system.mjs').System} system
 */
export async function residentMb(system) {
  const pids = await runningPids(system);
  return Math.max(...pids.map(residentBytes)) / bytesPerMb;
}
