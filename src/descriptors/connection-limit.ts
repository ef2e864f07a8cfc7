import type { Server } from 'node:net';
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
  readonly #servers = new Map<Server, number>();
  #open = 0;
  #refused = 0;

  /** @param whose they are, as in "connections of clients are refused". */
  constructor(max: number, whose: string, logger: Logger) {
    this.#max = max;
    this.#whose = whose;
    this.#logger = logger;
  }

  /**
   * To be called before the server listens. Also keeps it from ending the process when it cannot
   * accept.
   */
  bound(server: Server): void {
    this.#servers.set(server, 0);
    server.on('connection', (socket) => {
      this.#count(server, 1);
      socket.once('close', () => this.#count(server, -1));
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

  /** Each may have what the others leave. Node takes zero for no limit at all. */
  #share(): void {
    const free = Math.max(0, this.#max - this.#open);
    for (const [server, own] of this.#servers) server.maxConnections = Math.max(1, own + free);
  }

  #refuse(error?: Error): void {
    this.#refused += 1;
    if (this.#refused > 1) return;
    const reason = error === undefined ? {} : { err: error };
    this.#logger.warn(
      { open: this.#open, max: this.#max, ...reason },
      `connections of ${this.#whose} are refused`,
    );
  }

  #accept(): void {
    this.#logger.info(
      { refused: this.#refused },
      `connections of ${this.#whose} are accepted again`,
    );
    this.#refused = 0;
  }
}
