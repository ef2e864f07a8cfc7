import type { TLSSocket } from 'node:tls';
import { commonNameOf } from './peer-names.js';

/** Whom the certificate of a client names, and how long. */
export interface ClientCertificate {
  readonly commonName: string;
  /** Wall time in milliseconds. */
  readonly expiresAt: number;
}

/** Undefined for a client that shows none of a trusted authority, or one that names nobody. */
export function clientCertificateOf(socket: TLSSocket): ClientCertificate | undefined {
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined;
  const commonName = certificate && commonNameOf(certificate);
  if (certificate === undefined || commonName === undefined || commonName === '') return undefined;
  return { commonName, expiresAt: Date.parse(certificate.validTo) };
}
