import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * What one run of wrk found. `failed` is a number of requests.
 * @typedef {{
 *   requests: number, perSecond: number, failed: number,
 *   p50Ms: number, p99Ms: number, p999Ms: number, maxMs: number,
 * }} Measurement
 */

/**
 * @typedef {object} Load
 * @property {string} script
 * @property {readonly string[]} args of the script
 * @property {number} connections
 * @property {number} threads
 * @property {number} seconds a whole number
 */

/** @param {string} command */
export function isInstalled(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}

/**
 * The threads take the ports in turns.
 * @typedef {Load & {ports: readonly number[], scheme?: 'http' | 'https'}} PortsLoad
 */

/**
 * One run of wrk: requests per second and latencies in milliseconds.
 * @param {PortsLoad} load
 * @param {(pid: number) => void} [onStart] is told the process of wrk
 * @returns {Promise<Measurement>}
 */
export async function measure(load, onStart = () => {}) {
  const { ports, scheme = 'http', script, connections, threads, seconds, args } = load;
  const command = [
    ...[`-c${connections}`, `-t${threads}`, `-d${seconds}s`, '--timeout', '20s'],
    ...['-s', fileURLToPath(new URL(script, import.meta.url)), `${scheme}://127.0.0.1:${ports[0]}`],
    ...['--', ...args],
  ];
  const environment = { PORTS: ports.length > 1 ? ports.join(' ') : '' };
  const output = await run('wrk', command, environment, onStart);
  const line = /^RESULT (.*)$/m.exec(output)?.[1];
  if (line === undefined) throw new Error(`wrk printed no result:\n${output}`);
  const { requests, microseconds, refused, broken, p50, p99, p999, max } = JSON.parse(line);
  return {
    requests,
    perSecond: requests / (microseconds / 1e6),
    failed: refused + broken,
    p50Ms: p50 / 1000,
    p99Ms: p99 / 1000,
    p999Ms: p999 / 1000,
    maxMs: max / 1000,
  };
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Record<string, string>} environment
 * @param {(pid: number) => void} onStart
 * @returns {Promise<string>} what it printed
 */
function run(command, args, environment, onStart) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...environment };
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    if (child.pid !== undefined) onStart(child.pid);
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
