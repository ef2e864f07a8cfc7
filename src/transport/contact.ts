import { performance } from 'node:perf_hooks';
import { doublingBounds, Histogram, type HistogramCounts } from '../histogram.js';
import type { MemberStatus } from '../view/member-status.js';
import type { PeerContact } from '../view/peer-contact.js';
import type { ConnectionEnd } from './connection-end.js';
import type { Pong } from './frames.js';

/** Milliseconds: from a tenth of one up to 1.6 seconds. */
const roundTripBounds = doublingBounds(0.1, 15);

/** Records a peer's answers to pings, and how the last connection ended, across all of them. */
export class Contact {
  readonly #roundTrips = new Histogram(roundTripBounds);
  #answeredAt: number | undefined;
  #roundTripMs: number | undefined;
  #status: MemberStatus | undefined;
  #ping = 0;
  #askedAt = 0;
  #end: ConnectionEnd | undefined;

  asked(ping: number): void {
    this.#ping = ping;
    this.#askedAt = performance.now();
  }

  answered({ ping, status }: Pong): void {
    this.#answeredAt = performance.now();
    this.#status = status;
    if (ping !== this.#ping) return;
    this.#roundTripMs = this.#answeredAt - this.#askedAt;
    this.#roundTrips.add(this.#roundTripMs);
  }

  roundTrips(): HistogramCounts {
    return this.#roundTrips.describe();
  }

  opened(): void {
    this.#end = undefined;
  }

  ended(end: ConnectionEnd): void {
    this.#end = end;
  }

  describe(connected: boolean, timeoutMs: number): PeerContact {
    const silentMs =
      this.#answeredAt === undefined ? undefined : performance.now() - this.#answeredAt;
    return {
      reachable: connected && silentMs !== undefined && silentMs < timeoutMs,
      silentMs,
      roundTripMs: this.#roundTripMs,
      status: this.#status,
      fault: this.#end?.reason,
      refusal: this.#end?.type === 'refused' ? this.#end : undefined,
    };
  }
}
