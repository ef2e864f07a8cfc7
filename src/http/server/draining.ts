import type { Server, ServerResponse } from 'node:http';
import { Server as TcpServer } from 'node:net';

/**
 * Takes no connection any more, and ends each one with its next answer, which says so. A client
 * that has just sent a request gets its answer, and knows where not to send the next one. Node's
 * own close would end idle connections at once, and with them requests that are on their way.
 * Resolves when the last connection has ended.
 */
export async function drain(server: Server): Promise<void> {
  // The system resets connections that it has accepted and this process has not. After a turn that
  // took what there was, and before any client is told to leave its connection, there are least.
  await new Promise((resolve) => setImmediate(resolve));
  const closed = new Promise((resolve) => TcpServer.prototype.close.call(server, resolve));
  const lastAnswer = (_message: unknown, response: ServerResponse) => {
    response.shouldKeepAlive = false;
  };
  server.prependListener('request', lastAnswer);
  server.prependListener('checkContinue', lastAnswer);
  await closed;
}
