import type { Identity } from '../command/identity.js';
import type { Right } from '../command/right.js';
import type { StateView } from '../view/state-view.js';

/** A request that waits or a stream that goes on, for as long as its user may. */
export interface Revocable {
  readonly identity: Identity | undefined;
  /** What it needs. */
  rights(): readonly Right[];
  /** Called once, from inside an apply, when the user may no longer. */
  revoke(): void;
}

/**
 * Ends what waits in the same step of the log in which its user loses the right to it: what a later
 * entry tells is not told any more.
 */
export class Revocations {
  readonly #state: () => StateView;
  readonly #open = new Set<Revocable>();
  readonly #stop: () => void;

  constructor(state: () => StateView) {
    this.#state = state;
    this.#stop = state().auth.onChange(() => this.#look());
  }

  add(revocable: Revocable): void {
    this.#open.add(revocable);
  }

  delete(revocable: Revocable): void {
    this.#open.delete(revocable);
  }

  #look(): void {
    const { auth } = this.#state();
    if (!auth.enabled) return;
    for (const revocable of [...this.#open]) {
      const { identity } = revocable;
      if (revocable.rights().every((right) => auth.allows(identity, right))) continue;
      this.#open.delete(revocable);
      revocable.revoke();
    }
  }

  /** Idempotent. */
  close(): void {
    this.#stop();
    this.#open.clear();
  }
}
