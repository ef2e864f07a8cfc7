import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * What one run of wrk found. `failures` is a number of requests.
 * @typedef {{
 *   perSecond: number, failures: number, p50Ms: number, p99Ms: number, maxMs: number,
 * }} Measurement
 */

/** @param {string} command */
export function isInstalled(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}

/**
 * One run of wrk: requests per second and latencies in milliseconds.
 * @param {{
 *   url: string, script: string, args: readonly string[],
 *   connections: number, threads: number, seconds: number,
 * }} plan
 * @returns {Promise<Measurement>}
 */
export async function measure({ url, script, connections, threads, seconds, args }) {
  const output = await run('wrk', [
    ...[`-c${connections}`, `-t${threads}`, `-d${seconds}s`, '--timeout', '10s'],
    ...['-s', fileURLToPath(new URL(script, import.meta.url)), url, '--', ...args],
  ]);
  const line = /^RESULT (.*)$/m.exec(output)?.[1];
  if (line === undefined) throw new Error(`wrk printed no result:\n${output}`);
  const { requests, microseconds, refused, broken, p50, p99, max } = JSON.parse(line);
  return {
    perSecond: requests / (microseconds / 1e6),
    failures: refused + broken,
    p50Ms: p50 / 1000,
    p99Ms: p99 / 1000,
    maxMs: max / 1000,
  };
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<string>} what it printed
 */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${command} failed with exit code ${code}:\n${output}`));
    });
  });
}
