import type { LogIndex, Term } from '../ids.js';
import type { ConfigurationChange } from '../raft/configuration-change.js';
import type { Configuration, Entry } from '../raft/entry.js';
import type { ChangeRefusal } from '../raft/options.js';
import type { Raft } from '../raft/raft.js';
import { failure, ok, type Result } from '../result.js';
import type { Clock } from './clock.js';

/**
 * - `notConfirmed`: it is in the log, and may still be committed or lost. Nothing was heard of it
 *   in time.
 * - `lost`: another leader has put something else in its place.
 */
export type MemberChangeRefusal = ChangeRefusal | { readonly type: 'notConfirmed' | 'lost' };

type Outcome = Result<Configuration, MemberChangeRefusal>;

interface Pending {
  readonly index: LogIndex;
  readonly term: Term;
  readonly end: (outcome: Outcome) => void;
}

/** The changes of the members that this leader has appended, until it knows what became of them. */
export class ConfigurationChanges {
  readonly #raft: Raft;
  readonly #clock: Clock;
  readonly #pending = new Set<Pending>();

  constructor(raft: Raft, clock: Clock) {
    this.#raft = raft;
    this.#clock = clock;
  }

  /** Resolves with the new configuration once it is committed. */
  run(change: ConfigurationChange, timeoutMs: number): Promise<Outcome> {
    const appended = this.#raft.changeConfiguration(change);
    if (!appended.ok) return Promise.resolve(appended);
    const { firstIndex: index, term } = appended.value;
    return new Promise((resolve) => {
      const end = (outcome: Outcome) => {
        cancel();
        this.#pending.delete(pending);
        resolve(outcome);
      };
      const cancel = this.#clock.after(timeoutMs, () => end(failure({ type: 'notConfirmed' })));
      const pending = { index, term, end };
      this.#pending.add(pending);
    });
  }

  /** A leader that removes itself has stepped down by then, so only the entry decides. */
  onApplied(entry: Entry): void {
    for (const { index, term, end } of [...this.#pending]) {
      if (index !== entry.index) continue;
      const isOwn = term === entry.term;
      end(isOwn ? ok(this.#raft.configurationAt(index)) : failure({ type: 'lost' }));
    }
  }

  close(): void {
    for (const { end } of [...this.#pending]) end(failure({ type: 'notConfirmed' }));
  }
}
