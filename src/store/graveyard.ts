import type { Deadlines } from './deadlines.js';
import type { Node } from './node.js';

/** Nodes looked at in one step: a few microseconds' worth. */
const sweepMax = 128;

/**
 * Directories that were removed with what they held. Their TTLs stop counting bit by bit, so that
 * removing a directory of a million keys takes no longer than removing a key.
 */
export class Graveyard {
  readonly #pending: Iterator<Node>[] = [];

  bury(directory: Node): void {
    if (directory.children !== undefined) this.#pending.push(directory.children.values());
  }

  sweep(deadlines: Deadlines): void {
    for (let swept = 0; swept < sweepMax; swept += 1) {
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
