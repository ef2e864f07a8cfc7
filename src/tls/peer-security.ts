import { X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import { connect, createSecureContext, type TLSSocket, type TlsOptions } from 'node:tls';
import type { LiveCredentials } from './live-credentials.js';
import { PeerFault } from './peer-fault.js';
import { nameFault } from './peer-names.js';
import type { PeerTlsFiles } from './tls-files.js';

/** HTTP/2, which gRPC speaks. */
const protocols = ['h2'];

/** From the connection to the end of the handshake. */
const handshakeMs = 5_000;

/**
 * TLS between members: each shows the other a certificate that names it, unless anybody may be one.
 */
export class PeerSecurity {
  readonly #credentials: LiveCredentials;
  readonly #names: PeerTlsFiles['names'];

  constructor(credentials: LiveCredentials, names: PeerTlsFiles['names']) {
    this.#credentials = credentials;
    this.#names = names;
  }

  /**
   * Node would end a connection whose certificate it does not trust without a word. So its verdict
   * is asked for by `connectionFault`, before anything is read.
   */
  serverOptions(): TlsOptions {
    return {
      ...this.#credentials.contextOptions,
      requestCert: this.#names !== 'anybody',
      rejectUnauthorized: false,
      handshakeTimeout: handshakeMs,
      ALPNProtocols: protocols,
    };
  }

  /** Calls back when `serverOptions` has changed. */
  onReplaced(listener: () => void): void {
    this.#credentials.onReplaced(listener);
  }

  /**
   * Of a connection from somebody who has not said yet which member it is. It may be one of which
   * this member has not heard, so the host that its certificate names is looked at later.
   */
  connectionFault(socket: TLSSocket): string | undefined {
    if (this.#names === 'anybody') return undefined;
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) return 'it shows no certificate';
    if (!socket.authorized) return trustFault(String(socket.authorizationError));
    const { allowedCommonName, allowedHostname } = this.#names;
    if (allowedCommonName === undefined && allowedHostname === undefined) return undefined;
    return nameFault(certificate, '', this.#names);
  }

  /** Of the member whose peer URL has this host. */
  nameFault(host: string, raw: Buffer | undefined): string | undefined {
    if (this.#names === 'anybody') return undefined;
    if (raw === undefined) return 'it shows no certificate';
    return nameFault(new X509Certificate(raw), host, this.#names);
  }

  dialler(host: string): (socket: Socket) => Promise<TLSSocket> {
    return (socket) => this.#dial(socket, host);
  }

  /**
   * Shakes hands with the member, and waits for its first bytes: a peer that does not accept our
   * certificate ends the connection without any.
   * @throws {PeerFault} when one of the two refuses the other.
   */
  async #dial(socket: Socket, host: string): Promise<TLSSocket> {
    const secure = connect({
      socket,
      secureContext: createSecureContext(this.#credentials.contextOptions),
      ALPNProtocols: protocols,
      rejectUnauthorized: this.#names !== 'anybody',
      ...(isIP(host) > 0 ? {} : { servername: host }),
      checkServerIdentity: (_host, { raw }) => {
        const fault = this.nameFault(host, raw);
        return fault === undefined ? undefined : new PeerFault('self', fault);
      },
    });
    return await firstBytesOf(secure);
  }
}

/** Resolves with the connection, when its peer has accepted it and sent something. */
function firstBytesOf(secure: TLSSocket): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    let isSecure = false;
    const onEnd = () => reject(isSecure ? unaccepted() : new Error('the connection has ended'));
    secure.once('secureConnect', () => {
      isSecure = true;
      secure.once('readable', () => {
        if (secure.readableLength === 0) return onEnd();
        secure.off('end', onEnd).off('close', onEnd);
        resolve(secure);
      });
    });
    secure.on('end', onEnd).on('close', onEnd);
    secure.on('error', (error) => reject(isSecure ? unaccepted() : refusalOf(error)));
  });
}

function unaccepted(): PeerFault {
  return new PeerFault('peer', 'its certificate is not accepted: the log of the other tells why');
}

/** Who refuses whom, where the handshake failed. */
function refusalOf(error: NodeJS.ErrnoException): Error {
  if (error instanceof PeerFault) return error;
  const code = error.code ?? '';
  if (/^ERR_SSL_.*ALERT/.test(code)) return unaccepted();
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER') {
    return new PeerFault('self', 'it does not speak TLS, as this member does');
  }
  if (code.startsWith('ERR_SSL_')) return new PeerFault('self', `TLS fails: ${code}`);
  // The faults of certificates are the only ones without a prefix or the name of a system call.
  return error.syscall === undefined && !code.startsWith('E')
    ? new PeerFault('self', trustFault(code))
    : error;
}

/** By the codes of OpenSSL. */
const trustFaults: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  CERT_REVOKED: 'its certificate is revoked',
  CRL_HAS_EXPIRED: 'the list of revoked certificates in --peer-crl-file has expired',
  UNABLE_TO_GET_CRL: '--peer-crl-file has no list of its authority',
  INVALID_PURPOSE: 'its certificate is for another use: its extended key usage says so',
};

function trustFault(code: string): string {
  return (
    trustFaults[code] ?? `its certificate is of no authority in --peer-trusted-ca-file (${code})`
  );
}
