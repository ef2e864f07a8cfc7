import type { Origin } from '../command/envelope.js';
import type { MemberId } from '../ids.js';

interface OfMember {
  readonly boot: number;
  readonly sequences: Set<number>;
}

/**
 * The proposals of peers that are in this leader's log and not applied yet. A peer that proposes
 * one again, because an answer was lost, gets that answer and no second entry. A second entry would
 * have no effect, but would make a slow cluster slower.
 */
export class InFlightProposals {
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
