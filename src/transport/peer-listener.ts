import { createServer, type Server, type Socket } from 'node:net';
import type { ConnectionLimit } from '../descriptors/connection-limit.js';
import { type Address, addressText } from './channel.js';
import { TransportError } from './transport-error.js';

/**
 * Accepts the connections to the peer address up to a limit: grpc-js has none, and each connection
 * takes a descriptor, also that of somebody who never says hello.
 */
export class PeerListener {
  readonly #server: Server;

  constructor(limit: ConnectionLimit, onConnection: (socket: Socket) => void) {
    this.#server = createServer(onConnection);
    limit.bound(this.#server);
  }

  /** @throws {TransportError} */
  async listen(address: Address): Promise<void> {
    const { host, port } = address;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => reject(bindError(addressText(address), error)));
      this.#server.listen({ host, port }, resolve);
    });
  }

  /** Idempotent. The connections go on. */
  close(): void {
    this.#server.close();
  }
}

function bindError(address: string, cause: NodeJS.ErrnoException): TransportError {
  return cause.code === 'EADDRINUSE'
    ? new TransportError('addressInUse', `the peer address ${address} is already in use`, { cause })
    : new TransportError('cannotListen', `cannot listen on the peer address ${address}`, { cause });
}
