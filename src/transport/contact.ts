import { performance } from 'node:perf_hooks';
import type { Pong } from './frames.js';
import type { MemberReport } from './member-report.js';

/** How one peer was last heard of. */
export interface PeerContact {
  /** There is a connection, and the peer answers on it. */
  readonly reachable: boolean;
  /** Since its last answer; undefined when it has never answered. */
  readonly silentMs: number | undefined;
  /** Of the ping that it answered last. */
  readonly roundTripMs: number | undefined;
  readonly report: MemberReport | undefined;
}

/** What a peer's answers to our pings tell of it. It outlives the connections to the peer. */
export class Contact {
  #answeredAt: number | undefined;
  #roundTripMs: number | undefined;
  #report: MemberReport | undefined;
  #ping = 0;
  #askedAt = 0;

  asked(ping: number): void {
    this.#ping = ping;
    this.#askedAt = performance.now();
  }

  answered({ ping, report }: Pong): void {
    this.#answeredAt = performance.now();
    if (ping === this.#ping) this.#roundTripMs = this.#answeredAt - this.#askedAt;
    if (report !== undefined) this.#report = report;
  }

  describe(connected: boolean, patienceMs: number): PeerContact {
    const silentMs =
      this.#answeredAt === undefined ? undefined : performance.now() - this.#answeredAt;
    return {
      reachable: connected && silentMs !== undefined && silentMs < patienceMs,
      silentMs,
      roundTripMs: this.#roundTripMs,
      report: this.#report,
    };
  }
}
