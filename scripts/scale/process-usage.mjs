import { readFileSync } from 'node:fs';

const ticksPerSecond = 100;

/**
 * Processor time of a process so far, in milliseconds.
 * @param {number} pid
 */
export function cpuMs(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The command's name, in parentheses, may hold spaces; the fields are counted behind it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

/**
 * Resident memory, in bytes.
 * @param {number} pid
 */
export function residentBytes(pid) {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}

/**
 * What each process holds more than before, in bytes for each of `count` things.
 * @param {readonly number[]} pids
 * @param {readonly number[]} before resident bytes, in the order of `pids`
 * @param {number} count
 */
export function bytesEach(pids, before, count) {
  return pids.map((pid, at) => ((residentBytes(pid) - (before[at] ?? 0)) / count).toFixed(0));
}

/** @param {readonly number[]} numbers */
export function sum(numbers) {
  return numbers.reduce((total, each) => total + each, 0);
}

/** @param {readonly number[]} numbers one at least */
export function median(numbers) {
  return percentile(numbers, 0.5);
}

/**
 * @param {readonly number[]} numbers one at least
 * @param {number} share of them that is smaller
 */
export function percentile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(numbers.length * share)] ?? Number.NaN;
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return `${(bytes / 2 ** 20).toFixed(0)} MB`;
}
