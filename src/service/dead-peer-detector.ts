import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Logger } from '../logger.js';
import type { Clock } from '../member/clock.js';
import { connectionOf, type TcpTable, type Unanswered } from './tcp-table.js';

/**
 * TCP keep-alive sends its first probe after this much silence. Node sets ten probes, one a second,
 * and lets nobody change that. So a client whose host vanished is disconnected after 15 s.
 */
export const probeDelayMs = 5_000;

/** Finds a dead client after 11 s, at a packet a second: too much for all watches. */
const shortProbeDelayMs = 1_000;

/** With `probeDelayMs`: 15 s, and an allowance for late timers of the kernel. */
const usualDetectionMs = 16_500;

/** With `shortProbeDelayMs`: 11 s, with the same allowance. A shorter TTL needs the TCP table. */
const shortDetectionMs = 12_000;

const tickMs = 1_000;

/** Between two polls, unless somebody's TTL asks for more. With thousands of clients each costs. */
const ticksMax = 2;

interface Watched {
  readonly socket: Socket;
  readonly connection: string;
  /** A client that is silent for so long is dead. */
  readonly silenceMaxSeconds: number;
  /** It is polled every second. */
  readonly isUrgent: boolean;
  /** For how long TCP has retransmitted, and the client acknowledged nothing. */
  retransmittedSeconds: number;
  /** At the poll before. */
  unanswered: Unanswered | undefined;
}

/**
 * A client that waits for a lock, or holds one by its connection: when it dies, others wait for its
 * TTL.
 */
export interface Claim {
  readonly ttlMs: number;
  readonly holdsConnection: boolean;
  /** It is sent a blank line now and then. */
  readonly hasProgress: boolean;
}

/**
 * Disconnects clients whose host vanished without closing its connections. TCP keep-alive does so
 * after 11 s at the earliest. It sends no probe while sent data is unacknowledged, and TCP
 * retransmits for a quarter of an hour before it gives up. So the connections of lock clients that
 * are sent something, or have a short TTL, are looked up here every second or two in the kernel's
 * TCP table, where there is one.
 */
export class DeadPeerDetector {
  readonly #clock: Clock;
  readonly #readTable: () => Promise<TcpTable | undefined>;
  readonly #logger: Logger;
  readonly #watched = new Set<Watched>();
  #cancelTick: (() => void) | undefined;
  /** Since the last poll. */
  #ticks = 0;
  #isDisabled = false;
  #isUnreadable = false;

  constructor(clock: Clock, readTable: () => Promise<TcpTable | undefined>, logger: Logger) {
    this.#clock = clock;
    this.#readTable = readTable;
    this.#logger = logger;
  }

  /**
   * Lasts until `answer` emits `close`: the connection may serve other requests afterwards. The
   * event must come before the next request is served.
   */
  detectDeadPeer(claim: Claim, socket: Socket, answer: EventEmitter): void {
    const { ttlMs, holdsConnection, hasProgress } = claim;
    if (ttlMs < usualDetectionMs) {
      socket.setKeepAlive(true, shortProbeDelayMs);
      answer.once('close', () => socket.setKeepAlive(true, probeDelayMs));
    }
    if (ttlMs < shortDetectionMs || holdsConnection || hasProgress) {
      answer.once('close', this.#watch(claim, socket));
    }
  }

  #watch({ ttlMs, holdsConnection }: Claim, socket: Socket): () => void {
    const connection = connectionOf(socket);
    if (connection === undefined || this.#isDisabled) return () => {};
    const watched: Watched = {
      ...{ socket, connection, silenceMaxSeconds: silenceMaxFor(ttlMs) },
      isUrgent: ttlMs < usualDetectionMs || holdsConnection,
      ...{ retransmittedSeconds: 0, unanswered: undefined },
    };
    this.#watched.add(watched);
    this.#cancelTick ??= this.#clock.after(tickMs, this.#tick);
    return () => this.#watched.delete(watched);
  }

  readonly #tick = (): void => {
    this.#ticks += 1;
    const isDue = this.#ticks >= ticksMax || [...this.#watched].some(({ isUrgent }) => isUrgent);
    if (isDue) this.#poll();
    else this.#tickLater();
  };

  #poll(): void {
    const seconds = this.#ticks;
    this.#ticks = 0;
    this.#readTable().then(
      (table) => {
        if (table === undefined) this.#disable();
        else this.#check(table, seconds);
      },
      (error: unknown) => this.#missRead(error),
    );
  }

  #check(table: TcpTable, seconds: number): void {
    this.#isUnreadable = false;
    for (const watched of this.#watched) {
      const now = table.get(watched.connection);
      const before = isAcknowledged(watched.unanswered, now) ? 0 : watched.retransmittedSeconds;
      const isSilent = now !== undefined && now.retransmissions > 0;
      watched.retransmittedSeconds = isSilent ? before + seconds : 0;
      watched.unanswered = now;
      // The probes, one a second, end when something is sent, and their number stays.
      const silence = watched.retransmittedSeconds + (now?.unansweredProbes ?? 0);
      if (silence >= watched.silenceMaxSeconds) watched.socket.destroy();
    }
    this.#tickLater();
  }

  /** It may be readable again at the next poll, as when a descriptor was missing. */
  #missRead(error: unknown): void {
    if (!this.#isUnreadable) {
      this.#logger.warn(
        { err: error },
        'the TCP table cannot be read: only TCP keep-alive finds dead clients',
      );
    }
    this.#isUnreadable = true;
    this.#tickLater();
  }

  #tickLater(): void {
    this.#cancelTick = this.#watched.size > 0 ? this.#clock.after(tickMs, this.#tick) : undefined;
  }

  /** From here on only TCP keep-alive finds dead clients. */
  #disable(): void {
    this.#isDisabled = true;
    this.#cancelTick = undefined;
    this.#watched.clear();
  }

  close(): void {
    this.#cancelTick?.();
    this.#watched.clear();
  }
}

/**
 * Whether the client has acknowledged something between two polls. While it does not, both numbers
 * only grow. A number of bytes alone tells nothing: they may be others each time, on their way.
 */
function isAcknowledged(before: Unanswered | undefined, now: Unanswered | undefined): boolean {
  if (before === undefined || now === undefined) return true;
  return (
    now.unacknowledgedBytes < before.unacknowledgedBytes ||
    now.retransmissions < before.retransmissions
  );
}

/**
 * In seconds, as are probes. The first probe leaves up to a second after the client was last heard
 * of, and a poll sees it up to a second later: hence two less than the TTL. A single unanswered
 * probe may still be under way, so it takes two.
 */
function silenceMaxFor(ttlMs: number): number {
  return Math.min(Math.max(Math.floor(ttlMs / 1000) - 2, 2), 10);
}
