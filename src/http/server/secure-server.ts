import { createServer, type Server, type ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { refuseOnSocket } from './broken-request.js';
import type { Refusal } from './refusal.js';
import { noteCertificate } from './shown-certificate.js';

/** What a server for https shows, and whether its clients have to show a certificate. */
export interface SecureListening {
  readonly contextOptions: SecureContextOptions;
  readonly wantsCertificate: boolean;
  /** The common name of a client's certificate is the name of its user. */
  readonly namesUsers: boolean;
  /** Calls back when `contextOptions` has changed. Open connections go on as they are. */
  onReplaced(listener: () => void): void;
}

const plainRequest: Refusal = {
  status: 400,
  cause: 'this port speaks TLS only: ask it by https://',
};

/**
 * The connections of the server are those of TCP, as without TLS. What is served on them begins
 * after the handshake. A plain request is refused in plain text.
 */
export function createSecureServer(
  secure: SecureListening,
  options: ServerOptions & { readonly handshakeTimeout: number },
): Server {
  const { contextOptions, wantsCertificate, namesUsers } = secure;
  const server = createServer({
    ...options,
    ...contextOptions,
    requestCert: wantsCertificate,
    rejectUnauthorized: wantsCertificate,
  });
  secure.onReplaced(() => server.setSecureContext(secure.contextOptions));
  // Node would take a failed handshake for a broken request, and answer it.
  server.removeAllListeners('tlsClientError');
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  const shakeHands = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) =>
    whenFirstBytesCome(socket, options.handshakeTimeout, () => {
      for (const listener of shakeHands) listener.call(server, socket);
    }),
  );
  server.prependListener('secureConnection', (socket) => {
    socket.ref();
    if (namesUsers) noteCertificate(socket);
    // Not before: a client that ends in the middle of a handshake expects no answer.
    socket.allowHalfOpen = true;
  });
  return server;
}

/** A connection that shakes no hands keeps no process running, and is closed soon. */
function whenFirstBytesCome(socket: Socket, limitMs: number, shakeHands: () => void): void {
  const giveUp = () => socket.destroy();
  socket.unref();
  socket.on('error', giveUp);
  socket.setTimeout(limitMs, giveUp);
  socket.once('readable', () => {
    const bytes: Buffer | null = socket.read();
    const first = bytes?.[0];
    if (bytes === null || first === undefined) return giveUp();
    socket.setTimeout(0);
    socket.off('timeout', giveUp);
    if (isLetter(first)) return refuseOnSocket(socket, false, plainRequest);
    socket.off('error', giveUp);
    socket.unshift(bytes);
    shakeHands();
  });
}

/** The first byte of TLS is none, and that of every method of HTTP is one. */
function isLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
