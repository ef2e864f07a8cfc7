import type { MemberSpace, Outcome } from './member-space.js';

/** What each message does in each state of one member, and what else may happen there. */
export interface Reactions {
  readonly states: readonly number[];
  readonly messages: readonly number[];
  /** By state. */
  readonly own: ReadonlyMap<number, readonly Outcome[]>;
  /** By state, then in the order of `messages`. */
  readonly received: ReadonlyMap<number, readonly (Outcome | undefined)[]>;
}

/**
 * All states that each member could come into if any message that anybody could ever send could
 * reach it in any of them. There are more of them than in any real run, and few enough to be asked
 * for all that they lead to. Undefined when there would be more reactions than `reactionsMax`.
 */
export function closureOf(
  members: readonly MemberSpace[],
  start: Int32Array,
  reactionsMax: number,
): readonly Reactions[] | undefined {
  const parts = members.map((member, number) => new Part(member, start, number, members.length));
  let left = reactionsMax;
  for (let isClosed = false; !isClosed; ) {
    isClosed = true;
    for (const part of parts) {
      const done = part.advance(left, (to, message) => parts[to]?.learn(message));
      if (done > 0) isClosed = false;
      left -= done;
      if (left <= 0) return undefined;
    }
  }
  return parts;
}

class Part implements Reactions {
  readonly states: number[] = [];
  readonly messages: number[] = [];
  readonly own = new Map<number, readonly Outcome[]>();
  readonly received = new Map<number, (Outcome | undefined)[]>();
  readonly #member: MemberSpace;
  readonly #known = new Set<number>();

  constructor(member: MemberSpace, start: Int32Array, number: number, count: number) {
    this.#member = member;
    this.#meet(start[number] ?? 0);
    this.messages.push(...member.mail.sets.values(start[count + number] ?? 0));
    for (const message of this.messages) this.#known.add(message);
  }

  learn(message: number): void {
    if (this.#known.has(message)) return;
    this.#known.add(message);
    this.messages.push(message);
  }

  /** Asks what is not known yet; returns how many reactions that were. */
  advance(max: number, tell: (to: number, message: number) => void): number {
    let done = 0;
    // Its own inputs alone may lead a state to others without end.
    for (const state of this.states) {
      if (done >= max) break;
      const received = this.received.get(state) ?? [];
      while (received.length < this.messages.length && done < max) {
        const outcome = this.#member.received(state, this.messages[received.length] ?? 0);
        received.push(outcome);
        this.#follow(outcome, tell);
        done += 1;
      }
      if (this.own.has(state)) continue;
      const own = this.#member.own(state);
      this.own.set(state, own);
      for (const outcome of own) this.#follow(outcome, tell);
      done += 1;
    }
    return done;
  }

  #follow(outcome: Outcome | undefined, tell: (to: number, message: number) => void): void {
    if (outcome === undefined) return;
    this.#meet(outcome.next);
    for (const { to, message } of outcome.sent) tell(to, message);
  }

  #meet(state: number): void {
    if (this.received.has(state)) return;
    this.states.push(state);
    this.received.set(state, []);
  }
}
