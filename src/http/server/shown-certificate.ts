import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type ClientCertificate, clientCertificateOf } from '../../tls/client-certificate.js';

const shown = new WeakMap<Socket, ClientCertificate>();

/** To be called once, after the handshake: to read a certificate costs more than a request. */
export function noteCertificate(socket: TLSSocket): void {
  const certificate = clientCertificateOf(socket);
  if (certificate !== undefined) shown.set(socket, certificate);
}

/** Whom the certificate of the connection names, where certificates name users. */
export function certificateOf(socket: Socket): ClientCertificate | undefined {
  return shown.get(socket);
}
