import type { Server, ServerResponse } from 'node:http';
import { type Socket, Server as TcpServer } from 'node:net';

/**
 * Takes no connection any more, and ends each one with its next answer, which says so. A client
 * that has just sent a request gets its answer, and knows where not to send the next one. Node's
 * own close would end idle connections at once, and with them requests that are on their way.
 * Resolves when the last connection has ended.
 */
export async function drain(server: Server): Promise<void> {
  const serveArrivals = await holdArrivals(server);
  const closed = new Promise((resolve) => TcpServer.prototype.close.call(server, resolve));
  const lastAnswer = (_message: unknown, response: ServerResponse) => {
    response.shouldKeepAlive = false;
  };
  server.prependListener('request', lastAnswer);
  server.prependListener('checkContinue', lastAnswer);
  serveArrivals();
  await closed;
}

/** Where connections come without end, some of them are lost. */
const holdingMsMax = 100;
const shortTurnMs = 1;

/**
 * The system resets connections that it has accepted and this process has not, when the listening
 * socket is closed. A client that has sent a request there could not know whether it took effect.
 * Node takes one connection in a turn of its loop, so this resolves right after a short turn in
 * which there was none. Those that come until then wait: a client that was answered would come
 * again. Returns what has them served.
 */
async function holdArrivals(server: Server): Promise<() => void> {
  const listeners = server.listeners('connection');
  const held: Socket[] = [];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => held.push(socket.on('error', ignore)));
  const endsAt = performance.now() + holdingMsMax;
  for (let turnAt = performance.now(), count = -1; turnAt < endsAt; ) {
    await new Promise((resolve) => setImmediate(resolve));
    const now = performance.now();
    if (held.length === count && now - turnAt < shortTurnMs) break;
    count = held.length;
    turnAt = now;
  }
  return () => {
    for (const socket of held) {
      // It was reset, and whoever served it would wait for its close in vain.
      if (socket.destroyed) continue;
      socket.off('error', ignore);
      for (const listener of listeners) listener.call(server, socket);
    }
  };
}

/** A held connection may be reset, and an error that nobody listens to stops the process. */
function ignore(): void {}
