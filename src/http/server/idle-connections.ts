import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { refuseOnSocket } from './broken-request.js';
import type { PipelineOrder } from './pipeline-order.js';
import type { Refusal } from './refusal.js';

const unserved: Refusal = {
  status: 408,
  cause: 'this connection is being closed, and the member has not looked at the request',
};

/**
 * Ends a connection that was idle for too long, or until the server closes, with an answer. Node
 * would close it without one, and a client whose request crosses the close could not know whether
 * the request took effect. With the answer it knows that it did not, and may repeat the request on
 * another connection (RFC 9110, 15.5.9). A client that has sent nothing sees that the connection is
 * of no more use.
 */
export function answerAtIdleEnd(
  server: Server,
  connectionEvent: 'connection' | 'secureConnection',
  pipelineOrder: PipelineOrder,
): void {
  const connections = new Set<Socket>();
  // One function for all connections, since there may be thousands.
  const forget = function (this: Socket) {
    connections.delete(this);
  };
  server.on(connectionEvent, (socket: Socket) => {
    connections.add(socket);
    socket.once('close', forget);
  });
  // The only other timeout of a socket is that of a client which does not read a long answer. What
  // is written then would be mistaken for a part of it, so that connection just closes.
  server.on('timeout', (socket) =>
    refuseOnSocket(socket, pipelineOrder.wouldBeMistaken(socket), unserved),
  );
  server.closeIdleConnections = () => {
    for (const socket of connections) {
      if (pipelineOrder.isIdle(socket)) refuseOnSocket(socket, false, unserved);
    }
  };
}
