import { logIndex } from '../../src/ids.js';
import type { Entry } from '../../src/raft/entry.js';
import type { Raft } from '../../src/raft/raft.js';
import type { SimulatedMember } from './simulated-member.js';
import { demand } from './violation.js';

interface Shown {
  readonly clusterTimeMs: number;
  /** In true time: when the entry with that stamp was appended. */
  readonly at: number;
}

interface Appended {
  upTo: number;
  /** By index, in true time. */
  readonly at: Map<number, number>;
}

/** A stamp is a whole number of milliseconds, and so is the one before. */
const roundingMs = 2;

/** The cluster's clock, as the committed log shows it, never runs faster than true time. */
export class ClockChecks {
  readonly #maximumDrift: number;
  /** By term: what its leader was seen to append. */
  readonly #terms = new Map<number, Appended>();
  #shown: Shown | undefined;

  constructor(maximumDrift: number) {
    this.#maximumDrift = maximumDrift;
  }

  /** Notes what leaders have appended since the last event. */
  afterEvent(members: readonly SimulatedMember[]): void {
    for (const member of members) {
      const raft = member.running?.raft;
      if (raft === undefined) continue;
      const { role, currentTerm, lastIndex } = raft.softState();
      if (role !== 'leader') continue;
      const appended = this.#terms.get(currentTerm) ?? begin(raft, currentTerm);
      this.#terms.set(currentTerm, appended);
      for (let index = appended.upTo + 1; index <= lastIndex; index += 1) {
        appended.at.set(index, member.now);
      }
      appended.upTo = lastIndex;
    }
  }

  /** For each command of the log, in order. */
  onCommitted({ index, term }: Entry, clusterTimeMs: number): void {
    const before = this.#shown;
    const seenAt = this.#terms.get(term)?.at.get(index);
    // Unseen when its leader gave up its office right after: all that is known is that it came
    // after the one before.
    const at = seenAt ?? before?.at ?? 0;
    const shownMs = Math.max(clusterTimeMs, before?.clusterTimeMs ?? 0);
    this.#shown = { clusterTimeMs: shownMs, at };
    if (before === undefined || seenAt === undefined) return;
    const wentOnMs = shownMs - before.clusterTimeMs;
    const passedMs = at - before.at;
    demand(
      wentOnMs <= passedMs * (1 + this.#maximumDrift) + roundingMs,
      `the cluster's clock went on by ${wentOnMs} ms up to entry ${index} of term ${term}, ` +
        `while ${passedMs.toFixed(1)} ms passed`,
    );
  }
}

/** A leader may have appended more in the very event that elected it. */
function begin(raft: Raft, term: number): Appended {
  let upTo: number = raft.lastIndex;
  while (raft.termAt(logIndex(upTo)) === term) upTo -= 1;
  return { upTo, at: new Map() };
}
