import type { Origin } from '../command/envelope.js';
import type { MemberId } from '../ids.js';

interface OfMember {
  readonly boot: number;
  readonly sequences: Set<number>;
}

/**
 * Commands that a leader has put into its log for its peers, and has not applied yet. A peer that asks
 * again because an answer was lost gets that answer: a second entry would have no effect, but a cluster that
 * is slow already would become slower with each that is asked for.
 */
export class UnderWay {
  readonly #byMember = new Map<MemberId, OfMember>();

  has({ memberId, boot, sequence }: Origin): boolean {
    const known = this.#byMember.get(memberId);
    return known?.boot === boot && known.sequences.has(sequence);
  }

  add({ memberId, boot, sequence }: Origin): void {
    const known = this.#byMember.get(memberId);
    if (known?.boot === boot) known.sequences.add(sequence);
    else this.#byMember.set(memberId, { boot, sequences: new Set([sequence]) });
  }

  delete({ memberId, boot, sequence }: Origin): void {
    const known = this.#byMember.get(memberId);
    if (known?.boot === boot) known.sequences.delete(sequence);
  }

  clear(): void {
    this.#byMember.clear();
  }
}
