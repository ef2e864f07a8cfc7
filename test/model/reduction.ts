import type { Reactions } from './closure.js';
import type { Facts } from './facts.js';
import { isUntouched, type MemberSpace, type Outcome, type Posted } from './member-space.js';
import { Memo, Numbering } from './memo.js';

/** What an outcome does, as far as it matters to anybody. */
export interface Effect {
  /** The first of all states that behave as the next one does. */
  readonly next: number;
  /** The messages that can ever matter to their recipients. */
  readonly sent: readonly Posted[];
}

/**
 * Which states of a member behave alike, and which messages can still matter to it. Two states are
 * alike (bisimilar) if the promises see the same in both, and each input leads to states that are
 * alike and sends the same messages. A message matters in a state if it has an effect in that state
 * or in one that the member can come into from there. Both are found for the code as it is, from
 * all its reactions, so that nothing is assumed of the rules that are being checked.
 */
export class Reduction {
  readonly #parts: readonly PartReduction[];

  constructor(reactions: readonly Reactions[], members: readonly MemberSpace[]) {
    const matters = (to: number, message: number) =>
      this.#parts[to]?.mattersAnywhere(message) ?? true;
    this.#parts = [];
    this.#parts = reactions.map((part, number) => {
      const member = members[number];
      if (member === undefined) throw new RangeError('a member without a space');
      return new PartReduction(part, (state) => member.facts(state), matters);
    });
    for (let isDone = false; !isDone; ) {
      for (const part of this.#parts) part.refine();
      const grown = this.#parts.map((part) => part.forget());
      isDone = !grown.some((found) => found);
    }
  }

  effect(member: number, outcome: Outcome): Effect {
    return this.#part(member).effect(outcome);
  }

  representative(member: number, state: number): number {
    return this.#part(member).representative(state);
  }

  matters(member: number, state: number, message: number): boolean {
    return this.#part(member).matters(state, message);
  }

  describe(): readonly string[] {
    return this.#parts.map((part) => part.describe());
  }

  #part(member: number): PartReduction {
    const part = this.#parts[member];
    if (part === undefined) throw new RangeError(`no member ${member}`);
    return part;
  }
}

class PartReduction {
  readonly #reactions: Reactions;
  readonly #facts: (state: number) => Facts;
  readonly #mattersTo: (to: number, message: number) => boolean;
  /** The class of each state. */
  #classes = new Map<number, number>();
  #representatives = new Map<number, number>();
  /** For each message, the states in which it matters; unknown at first. */
  #where = new Map<number, ReadonlySet<number>>();
  readonly #sends = new Numbering<readonly Posted[]>();
  readonly #kinds = new Numbering<undefined>();
  readonly #effects = new Map<Outcome, number>();

  constructor(
    reactions: Reactions,
    facts: (state: number) => Facts,
    mattersTo: (to: number, message: number) => boolean,
  ) {
    this.#reactions = reactions;
    this.#facts = facts;
    this.#mattersTo = mattersTo;
  }

  mattersAnywhere(message: number): boolean {
    const where = this.#where.get(message);
    return where === undefined || where.size > 0;
  }

  matters(state: number, message: number): boolean {
    return this.#where.get(message)?.has(state) ?? true;
  }

  representative(state: number): number {
    return this.#representatives.get(this.#classes.get(state) ?? -1) ?? state;
  }

  effect(outcome: Outcome): Effect {
    return {
      next: this.representative(outcome.next),
      sent: this.#sends.at(this.#sendsOf(outcome)),
    };
  }

  describe(): string {
    const { states, messages } = this.#reactions;
    let pairs = 0;
    for (const where of this.#where.values()) pairs += where.size;
    return `${states.length} states in ${this.#representatives.size} classes, ${messages.length} messages, ${pairs} pairs`;
  }

  /** Finds the coarsest classes: begins with what the promises see, and splits. */
  refine(): void {
    this.#effects.clear();
    const { states } = this.#reactions;
    const facts = new Numbering<undefined>();
    const factsOf = (state: number) =>
      facts.numberOf(JSON.stringify(this.#facts(state)), () => undefined);
    this.#classes = new Map(states.map((state) => [state, factsOf(state)]));
    for (let count = facts.size; ; ) {
      const classes = this.#split();
      const found = new Set(classes.values()).size;
      this.#classes = classes;
      if (found === count) break;
      count = found;
    }
    this.#representatives = new Map();
    for (const state of states) {
      const number = this.#classes.get(state) ?? 0;
      if (!this.#representatives.has(number)) this.#representatives.set(number, state);
    }
  }

  /** States stay together if all their inputs lead to the same classes. */
  #split(): Map<number, number> {
    let pairs = 0;
    const numbers = new Memo(() => {
      pairs += 1;
      return pairs;
    });
    const classes = new Map<number, number>();
    for (const state of this.#reactions.states) {
      let chain = numbers.get(-1, this.#classes.get(state) ?? 0);
      for (const number of this.#signature(state, numbers)) chain = numbers.get(chain, number);
      classes.set(state, chain);
    }
    return classes;
  }

  #signature(state: number, numbers: Memo<number>): readonly number[] {
    const own = new Set<number>();
    for (const outcome of this.#reactions.own.get(state) ?? []) {
      if (!this.#isIdle(state, outcome)) own.add(this.#doing(outcome, numbers));
    }
    const signature = [...own].sort((one, other) => one - other);
    const received = this.#reactions.received.get(state) ?? [];
    for (const [at, outcome] of received.entries()) {
      if (outcome === undefined || this.#isIdle(state, outcome)) continue;
      signature.push(-2 - at, this.#doing(outcome, numbers));
    }
    return signature;
  }

  #doing(outcome: Outcome, numbers: Memo<number>): number {
    const { cost, fault, next, fates } = outcome;
    const kind = this.#kinds.numberOf(`${cost} ${fault} ${fates.join()}`, () => undefined);
    const where = numbers.get(this.#classes.get(next) ?? 0, this.#sendsOf(outcome));
    return numbers.get(-10 - kind, where);
  }

  #isIdle(state: number, outcome: Outcome): boolean {
    const { next, cost, fault, fates } = outcome;
    if (cost !== undefined || fault !== undefined || !isUntouched(fates)) return false;
    if (this.#classes.get(next) !== this.#classes.get(state)) return false;
    return this.#sends.at(this.#sendsOf(outcome)).length === 0;
  }

  /** The number of what it sends that can matter. */
  #sendsOf(outcome: Outcome): number {
    const known = this.#effects.get(outcome);
    if (known !== undefined) return known;
    const sent = outcome.sent.filter(({ to, message }) => this.#mattersTo(to, message));
    const key = sent.map(({ to, message, when }) => `${to} ${message} ${when}`).sort();
    const number = this.#sends.numberOf(key.join(), () => sent);
    this.#effects.set(outcome, number);
    return number;
  }

  /** Finds where messages matter, given the classes; whether any matters in fewer states now. */
  forget(): boolean {
    const before = this.#predecessors();
    let isLess = false;
    const where = new Map<number, ReadonlySet<number>>();
    for (const [at, message] of this.#reactions.messages.entries()) {
      const found = this.#heardIn(at);
      for (const state of found) for (const earlier of before.get(state) ?? []) found.add(earlier);
      where.set(message, found);
      const known = this.#where.get(message)?.size ?? this.#reactions.states.length;
      if (found.size < known) isLess = true;
    }
    this.#where = where;
    return isLess;
  }

  /** The states in which a message has an effect. */
  #heardIn(at: number): Set<number> {
    const { states, received } = this.#reactions;
    const found = states.filter((state) => {
      const outcome = received.get(state)?.[at];
      return outcome !== undefined && !this.#isIdle(state, outcome);
    });
    return new Set(found);
  }

  /** By state: from which others it can be reached in one step. */
  #predecessors(): Map<number, Set<number>> {
    const before = new Map<number, Set<number>>();
    const add = (state: number, outcome: Outcome | undefined) => {
      if (outcome === undefined || outcome.next === state) return;
      const known = before.get(outcome.next);
      if (known === undefined) before.set(outcome.next, new Set([state]));
      else known.add(state);
    };
    for (const state of this.#reactions.states) {
      for (const outcome of this.#reactions.own.get(state) ?? []) add(state, outcome);
      for (const outcome of this.#reactions.received.get(state) ?? []) add(state, outcome);
    }
    return before;
  }
}
