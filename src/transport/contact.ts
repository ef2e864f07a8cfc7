import { performance } from 'node:perf_hooks';
import type { MemberStatus } from '../view/member-status.js';
import type { PeerContact } from '../view/peer-contact.js';
import type { Pong } from './frames.js';

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
