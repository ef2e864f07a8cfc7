import { performance } from 'node:perf_hooks';
import type { Pong } from './frames.js';
import type { MemberStatus } from './member-status.js';

/** How one peer was last heard of. */
export interface PeerContact {
  /** There is a connection, and the peer answers on it. */
  readonly reachable: boolean;
  /** Since its last answer; undefined when it has never answered. */
  readonly silentMs: number | undefined;
  /** Of the ping that it answered last. */
  readonly roundTripMs: number | undefined;
  readonly status: MemberStatus | undefined;
}

/** What a peer's answers to our pings tell of it. It outlives the connections to the peer. */
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
