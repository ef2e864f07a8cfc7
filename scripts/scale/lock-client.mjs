import { Agent, request } from 'node:http';

const busy = new Agent({ keepAlive: true, maxSockets: 64 });

/** @typedef {{status: number | undefined, body: string}} Answer */

/**
 * @param {number} port
 * @param {string} method
 * @param {string} path
 */
export function ask(port, method, path) {
  return exchange(port, method, path, busy);
}

/**
 * On a connection of its own, which it keeps to itself for as long as it waits.
 * @param {number} port
 * @param {string} method
 * @param {string} path
 */
export function askAlone(port, method, path) {
  return exchange(port, method, path, false);
}

/**
 * @param {number} port
 * @param {string} method
 * @param {string} path
 * @param {Agent | false} agent
 * @returns {Promise<Answer>}
 */
function exchange(port, method, path, agent) {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, agent }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, body }));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/**
 * Many at a time, but no more than the members are given sockets for.
 * @param {number} count
 * @param {number} width how many at a time
 * @param {(number: number) => Promise<unknown>} each
 */
export async function inParallel(count, width, each) {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const number = next;
      next += 1;
      await each(number);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
}
