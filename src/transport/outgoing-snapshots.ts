import type { MemberId } from '../ids.js';
import { TransportError } from './transport-error.js';

/** The snapshots that are being sent, at most one to each peer: a newer one replaces the older. */
export class OutgoingSnapshots {
  readonly #running = new Map<MemberId, AbortController>();

  /** @param send rejects with the reason of its controller's abort. */
  async run(to: MemberId, send: (over: AbortController) => Promise<void>): Promise<void> {
    const reason = 'snapshot not sent: a newer one takes its place';
    this.#running.get(to)?.abort(new TransportError('interrupted', reason));
    const over = new AbortController();
    this.#running.set(to, over);
    try {
      await send(over);
    } finally {
      if (this.#running.get(to) === over) this.#running.delete(to);
    }
  }

  endAll(reason: TransportError): void {
    for (const over of this.#running.values()) over.abort(reason);
  }
}
