import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** For a client to read the last answer, and to close the connection. */
const lingerMs = 2000;

/**
 * Node closes a connection as soon as the last answer is handed to the kernel. When the client has
 * sent more by then, the kernel resets the connection, and the client may lose answers that it has
 * not read yet. So only the sending side is closed at first. (RFC 9112, 9.6)
 */
export function lingerAtClose(socket: Socket): void {
  socket.destroySoon = () => endAndLinger(socket);
}

/** What still arrives is discarded, until the client closes, or its time is over. */
export function endAndLinger(socket: Duplex): void {
  socket.end();
  const overdue = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(overdue));
}
