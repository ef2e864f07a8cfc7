import type { Deadlines } from './deadlines.js';
import type { Node } from './node.js';

/**
 * Stops the TTLs below removed directories, a few nodes with each sweep. So removing a directory of
 * a million keys takes no longer than removing one key.
 */
export class DeferredCleanup {
  readonly #pending: Iterator<Node>[] = [];
  readonly #sweepMax: number;

  /** @param sweepMax the number of nodes that one sweep looks at. */
  constructor(sweepMax: number) {
    this.#sweepMax = sweepMax;
  }

  add(directory: Node): void {
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
        this.add(next.value);
      }
    }
  }
}
