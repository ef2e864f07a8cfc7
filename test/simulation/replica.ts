import type { Entry } from '../../src/raft/entry.js';
import type { StateMachineOptions } from '../../src/store/options.js';
import { StateMachine } from '../../src/store/state-machine.js';

/**
 * A replica that never crashes and never sees a snapshot: it applies the committed log from the
 * first entry on, as far as it is asked for. What any member restores must be what this one has at
 * that index.
 */
export class Replica {
  readonly #entryAt: (index: number) => Entry | undefined;
  readonly #options: Partial<StateMachineOptions>;
  #state: StateMachine;
  #hash: { readonly index: number; readonly hash: string } | undefined;

  /** @param entryAt of the committed log. */
  constructor(
    options: Partial<StateMachineOptions>,
    entryAt: (index: number) => Entry | undefined,
  ) {
    this.#options = options;
    this.#state = new StateMachine(options);
    this.#entryAt = entryAt;
  }

  /** Undefined when not so much is known to be committed. */
  hashAt(index: number): string | undefined {
    if (this.#hash?.index === index) return this.#hash.hash;
    if (this.#state.appliedIndex > index) this.#state = new StateMachine(this.#options);
    while (this.#state.appliedIndex < index) {
      const entry = this.#entryAt(this.#state.appliedIndex + 1);
      if (entry === undefined) return undefined;
      this.#state.apply(entry, 0);
    }
    const hash = this.#state.stateHash();
    this.#hash = { index, hash };
    return hash;
  }
}
