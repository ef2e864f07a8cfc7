import { isUntouched, type MemberSpace, type Outcome } from './member-space.js';
import { Memo } from './memo.js';
import type { Effect, Reduction } from './reduction.js';

/** An outcome, and what of it matters. */
export interface Move extends Effect {
  readonly outcome: Outcome;
}

export interface Options {
  /**
   * An answer leaves the member as it is, costs nothing, and only sends something. It is given at
   * once: since a message may stay unheard for ever, more mail takes no possibility away.
   */
  readonly answers: readonly Move[];
  readonly moves: readonly Move[];
}

/** What one member may do in each state and with each mail. */
export class Moves {
  readonly #member: MemberSpace;
  readonly #number: number;
  #reduction: Reduction | undefined;
  readonly #options = new Memo((state, mail) => this.#optionsOf(state, mail));
  readonly #relevant = new Memo((state, mail) => this.#relevantOf(state, mail));

  constructor(member: MemberSpace, number: number, reduction: Reduction | undefined) {
    this.#member = member;
    this.#number = number;
    this.#reduction = reduction;
  }

  get size(): number {
    return this.#options.size;
  }

  options(state: number, mail: number): Options {
    return this.#options.get(state, mail);
  }

  /** The mail that can still matter to a member in this state. */
  relevant(state: number, mail: number): number {
    return this.#reduction === undefined ? mail : this.#relevant.get(state, mail);
  }

  representative(state: number): number {
    return this.#reduction?.representative(this.#number, state) ?? state;
  }

  #relevantOf(state: number, mail: number): number {
    const { sets } = this.#member.mail;
    let set = 0;
    for (const message of sets.values(mail)) {
      if (this.#reduction?.matters(this.#number, state, message)) set = sets.with(set, message);
    }
    return set;
  }

  #optionsOf(state: number, mail: number): Options {
    const outcomes = [...this.#member.own(state)];
    for (const message of this.#member.mail.sets.values(mail)) {
      const outcome = this.#member.received(state, message);
      if (outcome !== undefined) outcomes.push(outcome);
    }
    // A script names its moves, so before a reduction none is left out for another.
    const all = new Map<string, Move>();
    for (const outcome of outcomes) {
      const effect = this.#reduction?.effect(this.#number, outcome) ?? outcome;
      const move = { outcome, next: effect.next, sent: effect.sent };
      const { cost, fault, fates } = outcome;
      const sent = move.sent.map(({ to, message, when }) => `${to} ${message} ${when}`).sort();
      const number = this.#reduction === undefined ? all.size : 0;
      const key = `${number} ${cost} ${fault} ${fates.join()} ${move.next} ${sent.join()}`;
      if (!all.has(key)) all.set(key, move);
    }
    const answers = [...all.values()].filter((move) => isAnswer(move, state));
    const moves = [...all.values()].filter((move) => !isAnswer(move, state));
    return { answers, moves };
  }
}

function isAnswer({ outcome, next }: Move, state: number): boolean {
  const { cost, fault, fates } = outcome;
  return next === state && cost === undefined && fault === undefined && isUntouched(fates);
}
