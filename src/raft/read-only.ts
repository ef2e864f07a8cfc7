import type { LogIndex } from '../ids.js';
import type { ReadState } from './ready.js';

interface Batch {
  readonly round: number;
  readonly readIndex: LogIndex;
  readonly contexts: readonly number[];
}

/**
 * Linearizable reads without the log (thesis, section 6.4). Requests wait for a round of heartbeats
 * that begins after them: an answer to an earlier heartbeat proves nothing about later requests.
 */
export class ReadOnly {
  #waiting: number[] = [];
  #batches: Batch[] = [];
  #round = 0;

  /** The newest round; heartbeats carry it. */
  get round(): number {
    return this.#round;
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** A round is in progress. Requests that arrive meanwhile wait for the next one. */
  get isOpen(): boolean {
    return this.#batches.length > 0;
  }

  add(context: number): void {
    this.#waiting.push(context);
  }

  begin(readIndex: LogIndex): void {
    this.#round += 1;
    this.#batches.push({ round: this.#round, readIndex, contexts: this.#waiting });
    this.#waiting = [];
  }

  /** A majority has answered `round`, and so every round before it. */
  confirm(round: number): readonly ReadState[] {
    const open = this.#batches.findIndex((batch) => batch.round > round);
    const confirmed = this.#batches.splice(0, open < 0 ? this.#batches.length : open);
    return confirmed.flatMap(({ readIndex, contexts }) =>
      contexts.map((context) => ({ context, readIndex })),
    );
  }
}
