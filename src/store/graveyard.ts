import type { Deadlines } from './deadlines.js';
import type { Node } from './node.js';

/**
 * Directories that were removed with what they held. Their TTLs stop counting bit by bit, so that
 * removing a directory of a million keys takes no longer than removing a key.
 */
export class Graveyard {
  readonly #pending: Iterator<Node>[] = [];
  readonly #sweepMax: number;

  /** @param sweepMax nodes looked at in one sweep. */
  constructor(sweepMax: number) {
    this.#sweepMax = sweepMax;
  }

  bury(directory: Node): void {
    if (directory.children !== undefined) this.#pending.push(directory.children.values());
  }

  sweep(deadlines: Deadlines): void {
    for (let swept = 0; swept < this.#sweepMax; swept += 1) {
      const nodes = this.#pending.at(-1);
      if (nodes === undefined) return;
      const next = nodes.next();
      if (next.done === true) {
        this.#pending.pop();
      } else {
        if (next.value.deadline !== undefined) deadlines.drop(next.value.deadline);
        this.bury(next.value);
      }
    }
  }
}
