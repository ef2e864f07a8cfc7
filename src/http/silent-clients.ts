import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '../logger.js';
import type { Clock } from '../member/clock.js';
import { connectionOf, type TcpTable } from './tcp-table.js';

/**
 * How soon TCP begins to ask a silent client whether it is still there. Node then has it ask ten
 * times, once a second, which nothing here can change: so a client whose host is gone without a word
 * has left after 15 s.
 */
export const probeDelayMs = 5_000;

/** Then it is noticed after 11 s. Each who waits costs a packet a second: too much for all who watch. */
const closeProbeDelayMs = 1_000;

/** The usual 15 s, and what the system's timers may be late, all in all. */
const usualNoticeMs = 16_500;

/** The 11 s, with the same allowance. Within a shorter time only what we see ourselves is noticed. */
const closeNoticeMs = 12_000;

const lookEveryMs = 1_000;

interface Watched {
  readonly socket: Socket;
  readonly connection: string;
  /** So many seconds of silence are too many. */
  readonly silenceMax: number;
  /** Looks in a row at which it had not confirmed what it was sent. */
  unconfirmed: number;
}

/** Who waits for a lock, or holds one by a connection, and may be gone without a word. */
export interface Claim {
  readonly ttlMs: number;
  readonly holdsConnection: boolean;
}

/**
 * Cuts off clients whose host is gone without a word. TCP does it by itself, but only after 11 s; and
 * much later, for hours perhaps, when it waits for a confirmation of what it has sent. So who matters
 * to others is looked at here once a second, where the system tells.
 */
export class SilentClients {
  readonly #clock: Clock;
  readonly #readTable: () => Promise<TcpTable | undefined>;
  readonly #logger: Logger;
  readonly #watched = new Set<Watched>();
  #cancelLook: (() => void) | undefined;
  #isBlind = false;

  constructor(clock: Clock, readTable: () => Promise<TcpTable | undefined>, logger: Logger) {
    this.#clock = clock;
    this.#readTable = readTable;
    this.#logger = logger;
  }

  /** Until the request has been answered. The connection may serve others afterwards. */
  noticeLoss(claim: Claim, { socket }: IncomingMessage, response: ServerResponse): void {
    const { ttlMs, holdsConnection } = claim;
    if (ttlMs < usualNoticeMs) {
      socket.setKeepAlive(true, closeProbeDelayMs);
      // Told before the next request of the connection is served, even one that came long ago.
      response.once('close', () => socket.setKeepAlive(true, probeDelayMs));
    }
    if (ttlMs < closeNoticeMs || holdsConnection) {
      response.once('close', this.#watch(socket, silenceMaxFor(ttlMs)));
    }
  }

  #watch(socket: Socket, silenceMax: number): () => void {
    const connection = connectionOf(socket);
    if (connection === undefined || this.#isBlind) return () => {};
    const watched: Watched = { socket, connection, silenceMax, unconfirmed: 0 };
    this.#watched.add(watched);
    this.#cancelLook ??= this.#clock.after(lookEveryMs, this.#look);
    return () => this.#watched.delete(watched);
  }

  readonly #look = (): void => {
    this.#readTable().then(
      (table) => {
        if (table === undefined) this.#goBlind();
        else this.#judge(table);
      },
      (error: unknown) => {
        this.#logger.warn({ err: error }, 'cannot see which clients are silent');
        this.#goBlind();
      },
    );
  };

  #judge(table: TcpTable): void {
    for (const watched of this.#watched) {
      const debt = table.get(watched.connection);
      const owesBytes = debt !== undefined && debt.unconfirmedBytes > 0;
      watched.unconfirmed = owesBytes ? watched.unconfirmed + 1 : 0;
      const silence = Math.max(watched.unconfirmed, debt?.unansweredProbes ?? 0);
      if (silence >= watched.silenceMax) watched.socket.destroy();
    }
    this.#cancelLook =
      this.#watched.size > 0 ? this.#clock.after(lookEveryMs, this.#look) : undefined;
  }

  /** TCP alone notices then. */
  #goBlind(): void {
    this.#isBlind = true;
    this.#cancelLook = undefined;
    this.#watched.clear();
  }

  close(): void {
    this.#cancelLook?.();
    this.#watched.clear();
  }
}

/**
 * In seconds, or probes. The first is sent up to a second after the client was last heard of, and seen up to a
 * second later. One that is under way is no silence yet, so it takes two.
 */
function silenceMaxFor(ttlMs: number): number {
  return Math.min(Math.max(Math.floor(ttlMs / 1000) - 2, 2), 10);
}
