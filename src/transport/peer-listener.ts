import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createSecureServer } from 'node:tls';
import type { ConnectionLimit } from '../descriptors/connection-limit.js';
import type { Logger } from '../logger.js';
import type { PeerSecurity } from '../tls/peer-security.js';
import { type Address, addressText } from './channel.js';
import { Greeting } from './greeting.js';
import { messageOf, TransportError } from './transport-error.js';

export interface PeerListenerOptions {
  readonly limit: ConnectionLimit;
  /** Undefined: members do not speak TLS. */
  readonly security: PeerSecurity | undefined;
  /** How many connections from one address may wait to be accepted. */
  readonly strangersMax: number;
  readonly logger: Logger;
  readonly onConnection: (socket: Socket) => void;
}

/** There may be any number of strangers, so only so many are remembered. */
const rememberedMax = 64;

/** For the connections to end by themselves when the transport closes. */
const endingMs = 250;

/**
 * Accepts the connections to the peer address up to a limit: grpc-js has none, and each connection
 * takes a descriptor, also that of somebody who never says hello.
 */
export class PeerListener {
  readonly #server: Server;
  readonly #logger: Logger;
  readonly #sockets = new Set<Socket>();
  readonly #greeting = new Greeting();
  readonly #told = new Set<string>();

  constructor(options: PeerListenerOptions) {
    const { limit, security, logger, onConnection } = options;
    this.#logger = logger;
    this.#server =
      security === undefined
        ? createServer(onConnection)
        : this.#secureServer(security, onConnection);
    limit.bound(this.#server);
    this.#server.prependListener('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      if (this.#greeting.from(socket.remoteAddress) < options.strangersMax) {
        this.#greeting.expect(socket);
      } else {
        this.#tell(socket, 'too many connections from there have not said who they are');
        socket.destroy();
      }
    });
  }

  /** @param peer address and port, as gRPC writes them */
  onAccepted(peer: string): void {
    this.#greeting.accepted(peer);
  }

  /** @throws {TransportError} */
  async listen(address: Address): Promise<void> {
    const { host, port } = address;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => reject(bindError(addressText(address), error)));
      this.#server.listen({ host, port }, resolve);
    });
  }

  /**
   * Resolves when the last connection has closed: gRPC, which ends them, calls back only if none
   * was about to end by itself. Those that do not end in time are cut.
   */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    const overdue = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, endingMs);
    await closed;
    clearTimeout(overdue);
  }

  #secureServer(security: PeerSecurity, onConnection: (socket: Socket) => void): Server {
    const server = createSecureServer(security.serverOptions(), (socket) => {
      const fault = security.connectionFault(socket);
      if (fault === undefined) return onConnection(socket);
      this.#tell(socket, fault);
      socket.on('error', () => {});
      socket.destroy();
    });
    security.onReplaced(() => server.setSecureContext(security.serverOptions()));
    server.on('tlsClientError', (error, socket) => {
      this.#tell(socket, messageOf(error));
      socket.destroy();
    });
    return server;
  }

  /** Once for each address and reason. */
  #tell({ remoteAddress = 'an address unknown' }: Socket, reason: string): void {
    const known = `${remoteAddress} ${reason}`;
    if (this.#told.has(known)) return;
    const [oldest] = this.#told;
    if (oldest !== undefined && this.#told.size >= rememberedMax) this.#told.delete(oldest);
    this.#told.add(known);
    this.#logger.warn({ address: remoteAddress, reason }, 'refused a connection of a peer');
  }
}

function bindError(address: string, cause: NodeJS.ErrnoException): TransportError {
  return cause.code === 'EADDRINUSE'
    ? new TransportError('addressInUse', `the peer address ${address} is already in use`, { cause })
    : new TransportError('cannotListen', `cannot listen on the peer address ${address}`, { cause });
}
