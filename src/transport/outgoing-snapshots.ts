import type { MemberId } from '../ids.js';
import { TransportError } from './transport-error.js';

/** The snapshots on their way to the peers, one to each: a newer one takes the place of the older. */
export class OutgoingSnapshots {
  readonly #running = new Map<MemberId, AbortController>();

  /** @param send ends when its controller is aborted, by whomever, and rejects with that reason. */
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
