import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { codeOf } from '../error-message.mjs';

/** Below the ports that systems give to outgoing connections, which may take one at any moment. */
const first = 10_000;
const last = 32_000;

/**
 * Free a moment ago, and all different. They are chosen at random, so that two who look at the same
 * time hardly find the same.
 * @param {number} count
 * @returns {Promise<number[]>}
 */
export async function freePorts(count) {
  /** @type {import('node:net').Server[]} */
  const servers = [];
  while (servers.length < count) {
    const server = createServer();
    if (await listens(server, randomInt(first, last))) servers.push(server);
  }
  const ports = servers.map(portOf);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

/** @param {import('node:net').Server} server */
function portOf(server) {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('the server does not listen');
  return address.port;
}

/**
 * @param {import('node:net').Server} server
 * @param {number} port
 */
async function listens(server, port) {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return true;
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') return false;
    throw error;
  }
}
