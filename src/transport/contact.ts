import { performance } from 'node:perf_hooks';
import type { Pong } from './frames.js';
import type { MemberStatus } from './member-status.js';

/** What is known of the connection to one peer. */
export interface PeerContact {
  /** A connection is open, and the peer answers pings on it. */
  readonly reachable: boolean;
  /** Since its last answer; undefined when it has never answered. */
  readonly silentMs: number | undefined;
  /** Of the ping that it answered last. */
  readonly roundTripMs: number | undefined;
  readonly status: MemberStatus | undefined;
}

/** Records a peer's answers to pings, across all connections to it. */
export class Contact {
  #answeredAt: number | undefined;
  #roundTripMs: number | undefined;
  #status: MemberStatus | undefined;
  #ping = 0;
  #askedAt = 0;

  asked(ping: number): void {
    this.#ping = ping;
    this.#askedAt = performance.now();
  }

  answered({ ping, status }: Pong): void {
    this.#answeredAt = performance.now();
    if (ping === this.#ping) this.#roundTripMs = this.#answeredAt - this.#askedAt;
    if (status !== undefined) this.#status = status;
  }

  describe(connected: boolean, timeoutMs: number): PeerContact {
    const silentMs =
      this.#answeredAt === undefined ? undefined : performance.now() - this.#answeredAt;
    return {
      reachable: connected && silentMs !== undefined && silentMs < timeoutMs,
      silentMs,
      roundTripMs: this.#roundTripMs,
      status: this.#status,
    };
  }
}
