import { logIndex } from '../../src/ids.js';
import type { Entry } from '../../src/raft/entry.js';
import type { SimulatedMember } from './simulated-member.js';
import { demand } from './violation.js';

interface Shown {
  readonly clusterTimeMs: number;
  /** In true time: when the entry with that stamp was appended. */
  readonly at: number;
}

/** A stamp is a whole number of milliseconds, and so is the one before. */
const roundingMs = 2;

/** The cluster's clock, as the committed log shows it, never runs faster than true time. */
export class ClockChecks {
  readonly #maximumDrift: number;
  /** By index: when a leader appended an entry there, and in which term. */
  readonly #appended = new Map<number, { readonly term: number; readonly at: number }>();
  /** By term: how far the log of its leader was seen to reach. */
  readonly #seenUpTo = new Map<number, number>();
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
      let seen: number = this.#seenUpTo.get(currentTerm) ?? lastIndex;
      if (!this.#seenUpTo.has(currentTerm))
        while (raft.termAt(logIndex(seen)) === currentTerm) seen -= 1;
      for (let index = seen + 1; index <= lastIndex; index += 1) {
        this.#appended.set(index, { term: currentTerm, at: member.now });
      }
      this.#seenUpTo.set(currentTerm, lastIndex);
    }
  }

  /** For each command of the log, in order. */
  onCommitted({ index, term }: Entry, clusterTimeMs: number): void {
    const appended = this.#appended.get(index);
    this.#appended.delete(index);
    if (appended?.term !== term) return;
    const { at } = appended;
    const before = this.#shown;
    const shownMs = Math.max(clusterTimeMs, before?.clusterTimeMs ?? 0);
    this.#shown = { clusterTimeMs: shownMs, at };
    if (before === undefined) return;
    const wentOnMs = shownMs - before.clusterTimeMs;
    const passedMs = at - before.at;
    demand(
      wentOnMs <= passedMs * (1 + this.#maximumDrift) + roundingMs,
      `the cluster's clock went on by ${wentOnMs} ms up to entry ${index} of term ${term}, ` +
        `while ${passedMs.toFixed(1)} ms passed`,
    );
  }
}
