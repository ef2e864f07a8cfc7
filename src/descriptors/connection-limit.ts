import type { Server, Socket } from 'node:net';
import type { Logger } from '../logger.js';

/**
 * Connections are refused until so much of the limit is free again, so that the log tells it once.
 */
const freeShare = 0.1;

/**
 * Bounds the connections of some servers together; a further one is closed at once. It is told once
 * when that begins, and once when it is over.
 */
export class ConnectionLimit {
  readonly #max: number;
  readonly #whose: string;
  readonly #logger: Logger;
  readonly #perAddressMax: number;
  readonly #servers = new Map<Server, number>();
  readonly #perAddress = new Map<string, number>();
  #open = 0;
  #refused = 0;
  #refusedBefore = 0;

  /**
   * @param whose they are, as in "connections of clients are refused".
   * @param perAddressMax how many of them may come from one address
   */
  constructor(
    max: number,
    whose: string,
    logger: Logger,
    perAddressMax: number = Number.POSITIVE_INFINITY,
  ) {
    this.#max = max;
    this.#perAddressMax = perAddressMax;
    this.#whose = whose;
    this.#logger = logger;
  }

  /** The refused are those since the start. */
  describe(): { readonly used: number; readonly max: number; readonly refused: number } {
    return { used: this.#open, max: this.#max, refused: this.#refusedBefore + this.#refused };
  }

  /**
   * To be called before the server listens. Also keeps it from ending the process when it cannot
   * accept.
   */
  bound(server: Server): void {
    this.#servers.set(server, 0);
    // Before anything is made of a connection that is refused.
    server.prependListener('connection', (socket) => {
      this.#count(server, 1);
      socket.once('close', () => this.#count(server, -1));
      if (this.#perAddressMax !== Number.POSITIVE_INFINITY) this.#countFrom(socket);
    });
    server.on('drop', () => this.#refuse());
    server.on('listening', () => {
      // An error of a server that listens is that of accept(2), as when the system has no memory.
      server.on('error', (error) => this.#refuse(error));
    });
    this.#share();
  }

  #count(server: Server, change: 1 | -1): void {
    this.#servers.set(server, (this.#servers.get(server) ?? 0) + change);
    this.#open += change;
    this.#share();
    if (this.#refused > 0 && this.#open <= this.#max * (1 - freeShare)) this.#accept();
  }

  #countFrom(socket: Socket): void {
    const { remoteAddress = '' } = socket;
    const open = (this.#perAddress.get(remoteAddress) ?? 0) + 1;
    this.#perAddress.set(remoteAddress, open);
    socket.once('close', () => {
      const others = (this.#perAddress.get(remoteAddress) ?? 1) - 1;
      if (others === 0) this.#perAddress.delete(remoteAddress);
      else this.#perAddress.set(remoteAddress, others);
    });
    if (open <= this.#perAddressMax) return;
    socket.destroy();
    this.#refuse(undefined, remoteAddress);
  }

  /** Each may have what the others leave. Node takes zero for no limit at all. */
  #share(): void {
    const free = Math.max(0, this.#max - this.#open);
    for (const [server, own] of this.#servers) server.maxConnections = Math.max(1, own + free);
  }

  #refuse(error?: Error, address?: string): void {
    this.#refused += 1;
    if (this.#refused > 1) return;
    const reason = error === undefined ? {} : { err: error };
    const source = address === undefined ? {} : { address, perAddressMax: this.#perAddressMax };
    this.#logger.warn(
      { open: this.#open, max: this.#max, ...source, ...reason },
      `connections of ${this.#whose} are refused`,
    );
  }

  #accept(): void {
    this.#logger.info(
      { refused: this.#refused },
      `connections of ${this.#whose} are accepted again`,
    );
    this.#refusedBefore += this.#refused;
    this.#refused = 0;
  }
}
