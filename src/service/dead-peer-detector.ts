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

const pollIntervalMs = 1_000;

interface Watched {
  readonly socket: Socket;
  readonly connection: string;
  /** In polls or probes: a client that is silent for so many is dead. */
  readonly silenceMax: number;
  /** Polls in a row at which TCP had retransmitted, and the client had acknowledged nothing. */
  retransmitted: number;
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
}

/**
 * Disconnects clients whose host vanished without closing its connections. TCP keep-alive does so
 * after 11 s at the earliest. It sends no probe while sent data is unacknowledged, and TCP
 * retransmits for a quarter of an hour before it gives up. So the connections of lock clients are
 * looked up here once a second in the kernel's TCP table, where there is one.
 */
export class DeadPeerDetector {
  readonly #clock: Clock;
  readonly #readTable: () => Promise<TcpTable | undefined>;
  readonly #logger: Logger;
  readonly #watched = new Set<Watched>();
  #cancelPoll: (() => void) | undefined;
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
  detectDeadPeer({ ttlMs, holdsConnection }: Claim, socket: Socket, answer: EventEmitter): void {
    if (ttlMs < usualDetectionMs) {
      socket.setKeepAlive(true, shortProbeDelayMs);
      answer.once('close', () => socket.setKeepAlive(true, probeDelayMs));
    }
    if (ttlMs < shortDetectionMs || holdsConnection) {
      answer.once('close', this.#watch(socket, silenceMaxFor(ttlMs)));
    }
  }

  #watch(socket: Socket, silenceMax: number): () => void {
    const connection = connectionOf(socket);
    if (connection === undefined || this.#isDisabled) return () => {};
    const watched: Watched = {
      ...{ socket, connection, silenceMax },
      ...{ retransmitted: 0, unanswered: undefined },
    };
    this.#watched.add(watched);
    this.#cancelPoll ??= this.#clock.after(pollIntervalMs, this.#poll);
    return () => this.#watched.delete(watched);
  }

  readonly #poll = (): void => {
    this.#readTable().then(
      (table) => {
        if (table === undefined) this.#disable();
        else this.#check(table);
      },
      (error: unknown) => this.#missRead(error),
    );
  };

  #check(table: TcpTable): void {
    this.#isUnreadable = false;
    for (const watched of this.#watched) {
      const now = table.get(watched.connection);
      const before = isAcknowledged(watched.unanswered, now) ? 0 : watched.retransmitted;
      watched.retransmitted = now !== undefined && now.retransmissions > 0 ? before + 1 : 0;
      watched.unanswered = now;
      const silence = Math.max(watched.retransmitted, now?.unansweredProbes ?? 0);
      if (silence >= watched.silenceMax) watched.socket.destroy();
    }
    this.#pollLater();
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
    this.#pollLater();
  }

  #pollLater(): void {
    this.#cancelPoll =
      this.#watched.size > 0 ? this.#clock.after(pollIntervalMs, this.#poll) : undefined;
  }

  /** From here on only TCP keep-alive finds dead clients. */
  #disable(): void {
    this.#isDisabled = true;
    this.#cancelPoll = undefined;
    this.#watched.clear();
  }

  close(): void {
    this.#cancelPoll?.();
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
 * In polls or probes, one a second. The first probe leaves up to a second after the client was last
 * heard of, and a poll sees it up to a second later: hence two less than the TTL. A single
 * unanswered probe may still be under way, so it takes two.
 */
function silenceMaxFor(ttlMs: number): number {
  return Math.min(Math.max(Math.floor(ttlMs / 1000) - 2, 2), 10);
}
