import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { LockNotAcquiredError } from '../client/index.js';
import { ConfigError } from '../config/config-error.js';
import { bootTimeMs } from './guard/boot-clock.js';

/**
 * Calls with one value share one place, so each of them would run its command at once. On a host
 * they take turns. A call that is started again after it was killed then waits until its guard has
 * ended the earlier command.
 */
export interface Turn {
  readonly name: string;
  readonly value: string;
  /** Of the lock and the value, in whichever cluster. */
  readonly id: string;
  /** Whoever listens on all of them has the turn. */
  readonly sockets: readonly string[];
}

/** Those whose commands this process is part of, with spaces between. */
const variable = 'CONCLAVE_LOCK_TURNS';

const lookEveryMs = 50;

/**
 * There is a socket for each endpoint. So one common endpoint is enough for two calls to take
 * turns, in whichever order they list them, while calls to different clusters do not wait for each
 * other. The id of the cluster would tell the same, for a request more.
 *
 * They are abstract sockets: the system closes one when the last process that has it is gone, no
 * file is left, and no setting of a user's folders makes two of one. Only Linux has them.
 */
export function turnOf(
  kind: 'lock' | 'election',
  name: string,
  value: string,
  endpoints: readonly string[],
): Turn | undefined {
  if (process.platform !== 'linux') return undefined;
  const id = digest(kind, cleanName(name), value);
  // Everybody takes them in one order, so that no two have one each and wait for the other's.
  const urls = [...new Set(endpoints.map((url) => new URL(url).href))].toSorted();
  return { name, value, id, sockets: urls.map((url) => `\0conclave-${digest(id, url)}`) };
}

/** Members take `/a`, `a/` and `a` for one lock. */
function cleanName(name: string): string {
  return name
    .split('/')
    .filter((part) => part !== '')
    .join('/');
}

/** It says nothing of its parts to others on the host. */
function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/**
 * Waits for the turn, and has it as long as a process has the servers. Throws a
 * `LockNotAcquiredError` after the timeout, in seconds, and the signal's reason.
 */
export async function acquireTurn(
  turn: Turn,
  timeout: number | undefined,
  signal: AbortSignal,
  tell: (line: string) => void,
): Promise<readonly Server[]> {
  const { name, value, id, sockets } = turn;
  const outer = (process.env[variable] ?? '').split(' ');
  const until = bootTimeMs() + (timeout ?? Number.POSITIVE_INFINITY) * 1000;
  const servers: Server[] = [];
  let isTold = false;
  for (const socket of sockets) {
    let server = await listenOn(socket);
    while (server === undefined) {
      if (outer.includes(id)) {
        throw new ConfigError(`this command holds ${name} with the value "${value}" already`);
      }
      signal.throwIfAborted();
      if (timeout !== undefined && bootTimeMs() >= until) {
        throw new LockNotAcquiredError(`the value "${value}" on this host`, timeout);
      }
      if (!isTold) tell(`waits for the command of another call with the value "${value}"`);
      isTold = true;
      await setTimeout(lookEveryMs);
      server = await listenOn(socket);
    }
    servers.push(server);
  }
  // Whatever is run from now on has it in its environment.
  process.env[variable] = [...outer, id].join(' ').trim();
  return servers;
}

/** Undefined while another process listens on it. */
function listenOn(socket: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((connection) => connection.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      // A host that forbids such sockets must not keep the command from being run.
      resolve(error.code === 'EADDRINUSE' ? undefined : server);
    });
    server.listen(socket, () => resolve(server));
    server.unref();
  });
}
