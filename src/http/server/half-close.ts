import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * A client that has sent its last request may close its sending side, and still read the answers
 * (HTTP/1.0 tools, `nc -N`). Node would close the other side at once, unless told.
 */
export function answerHalfClosed(server: Server): void {
  Object.assign(server, { httpAllowHalfOpen: true });
}

/**
 * A client whose process has died closes its sending side, too. So the end of that side ends what
 * waits for others to do something, such as a watch or a place in a queue.
 */
export function endWithClient(response: ServerResponse): void {
  const { socket } = response.req;
  if (socket.readableEnded) {
    socket.end();
    return;
  }
  // Both functions are shared, since there may be thousands of such requests.
  socket.on('end', endSocket);
  response.on('close', letGo);
}

function endSocket(this: Socket): void {
  this.end();
}

/** Further requests may follow on the connection. */
function letGo(this: ServerResponse): void {
  this.req.socket.off('end', endSocket);
}
