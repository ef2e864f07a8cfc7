import { nameOf } from '../raft/peer.js';
import { afterCost, type Bounds, optionsOf } from './bounds.js';
import { closureOf } from './closure.js';
import type { Fates, Waiting } from './held-messages.js';
import { History, type Violation } from './history.js';
import type { Envelope } from './input.js';
import { Logs } from './logs.js';
import { isUntouched, MemberSpace, type Post, type Posted } from './member-space.js';
import { Memo } from './memo.js';
import { type Move, Moves } from './moves.js';
import { NumberSets } from './number-sets.js';
import { Reduction } from './reduction.js';

export type Tell = (member: number, answer: Move) => void;

/** Called with each state that can come next; the record is used again afterwards. */
export type Visit = (
  child: Int32Array,
  member: number,
  move: Move,
  violation: Violation | undefined,
) => void;

/** So many at most are ever sent to one member. */
const messagesMax = 1 << 24;

/**
 * What each state of a cluster leads to, and what must hold in it. A state is a record: for each
 * member the number of its own state, then for each that of its mail; with slow disks also those of
 * the messages that wait for its write in progress, and for the next. Then the past, and what was
 * used up.
 */
export class Cluster {
  readonly names: readonly string[];
  readonly width: number;
  readonly members: readonly MemberSpace[];
  readonly #bounds: Bounds;
  readonly #logs = new Logs();
  readonly #history: History;
  readonly #pasts: readonly Memo<number | Violation>[];
  readonly #child: Int32Array;
  readonly #waiting = new NumberSets();
  #moves: readonly Moves[];
  #reduction: Reduction | undefined;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#history = new History(this.#logs, bounds.changesMax > 0);
    this.names = [...bounds.voters, ...bounds.joiners];
    this.width = (bounds.slowDisks.length > 0 ? 4 : 2) * this.names.length + 2;
    this.#child = new Int32Array(this.width);
    const post: Post = (envelope, when) => this.#addressed(envelope, when);
    this.members = this.names.map(
      (name) => new MemberSpace(optionsOf(bounds, name), bounds, this.#logs, post),
    );
    this.#moves = this.members.map((member, number) => new Moves(member, number, undefined));
    this.#pasts = this.members.map(
      (member, number) =>
        new Memo((past, state) => this.#history.after(past, number, member.facts(state))),
    );
  }

  initial(tell?: Tell): Int32Array {
    const record = new Int32Array(this.width);
    for (const [number, member] of this.members.entries()) record[number] = member.start();
    this.#settle(record, tell);
    return record;
  }

  /**
   * From here on states that behave alike count as one. Returns the record in that form; undefined
   * when there are more than so many reactions to be looked at.
   */
  reduce(record: Int32Array, reactionsMax: number): Int32Array | undefined {
    const reactions = closureOf(this.members, record, reactionsMax);
    if (reactions === undefined) return undefined;
    const reduction = new Reduction(reactions, this.members);
    this.#reduction = reduction;
    this.#moves = this.members.map((member, number) => new Moves(member, number, reduction));
    const reduced = Int32Array.from(record);
    for (const [number, moves] of this.#moves.entries()) {
      reduced[number] = moves.representative(reduced[number] ?? 0);
    }
    this.#settle(reduced);
    return reduced;
  }

  /** In words, for a person. */
  describe(): string {
    const states = this.members.map((member) => member.size);
    const options = this.#moves.map((moves) => moves.size);
    return `members' states ${states}, with mail ${options}, ${this.#history.size} pasts`;
  }

  describeReduction(): readonly string[] {
    return this.#reduction?.describe() ?? ['none'];
  }

  /** All that can happen next. */
  expand(record: Int32Array, visit: Visit): void {
    const count = this.members.length;
    for (let number = 0; number < count; number += 1) {
      const options = this.#moves[number]?.options(
        record[number] ?? 0,
        record[count + number] ?? 0,
      );
      if (options === undefined) continue;
      for (const move of options.moves) this.follow(record, number, move, visit);
    }
  }

  /**
   * One move, and the answers that follow; `tell` hears of each answer that sends something new.
   */
  follow(record: Int32Array, number: number, move: Move, visit: Visit, tell?: Tell): void {
    const { cost, fault, fates } = move.outcome;
    const spent = afterCost(record[this.width - 1] ?? 0, cost, this.#bounds);
    if (spent === undefined) return;
    const child = this.#child;
    child.set(record);
    if (fault !== undefined) {
      visit(child, number, move, { promise: 'an assertion of the core', details: fault });
      return;
    }
    child[number] = move.next;
    child[this.width - 1] = spent;
    if (!isUntouched(fates)) this.#moveWaiting(child, number, fates);
    this.#post(child, number, move.sent);
    const past = this.#pasts[number]?.get(record[this.width - 2] ?? 0, move.next) ?? 0;
    if (typeof past === 'number') child[this.width - 2] = past;
    this.#settle(child, tell);
    visit(child, number, move, typeof past === 'number' ? undefined : past);
  }

  /** Where a record has the number of the messages of a member that wait for a write. */
  #waitingAt(number: number, when: Waiting): number {
    return (1 + when) * this.members.length + number;
  }

  /** What waited is sent, is dropped, or waits for another write. */
  #moveWaiting(record: Int32Array, number: number, fates: Fates): void {
    if (this.#bounds.slowDisks.length === 0) return;
    const before = [1, 2].map((when) => record[this.#waitingAt(number, when as Waiting)] ?? 0);
    const after = [0, 0, 0];
    for (const [at, fate] of fates.entries()) {
      const set = before[at] ?? 0;
      if (fate === 'dropped') continue;
      if (fate === 'sent') this.#sendAll(record, set);
      else after[fate] = this.#waiting.union(after[fate] ?? 0, set);
    }
    for (const when of [1, 2] as const) record[this.#waitingAt(number, when)] = after[when] ?? 0;
  }

  #sendAll(record: Int32Array, waiting: number): void {
    for (const code of this.#waiting.values(waiting)) {
      this.#deliver(record, Math.floor(code / messagesMax), code % messagesMax);
    }
  }

  /** Puts messages where they belong; whether any is new there. */
  #post(record: Int32Array, from: number, sent: readonly Posted[]): boolean {
    let isNew = false;
    for (const { to, message, when } of sent) {
      if (when === 0) {
        if (this.#deliver(record, to, message)) isNew = true;
        continue;
      }
      const at = this.#waitingAt(from, when);
      const before = record[at] ?? 0;
      const after = this.#waiting.with(before, to * messagesMax + message);
      record[at] = after;
      if (after !== before) isNew = true;
    }
    return isNew;
  }

  /** Puts a message into the mail of its recipient, if it matters there. */
  #deliver(record: Int32Array, to: number, message: number): boolean {
    const at = this.members.length + to;
    const before = record[at] ?? 0;
    const larger = this.members[to]?.mail.sets.with(before, message) ?? 0;
    if (larger === before) return false;
    const after = this.#moves[to]?.relevant(record[to] ?? 0, larger) ?? 0;
    record[at] = after;
    return after !== before;
  }

  /** Gives all answers, and the answers to them, and drops the mail that can't matter any more. */
  #settle(record: Int32Array, tell?: Tell): void {
    const count = this.members.length;
    for (const [number, moves] of this.#moves.entries()) {
      const mail = record[count + number] ?? 0;
      record[count + number] = moves.relevant(record[number] ?? 0, mail);
    }
    for (let isSettled = false; !isSettled; ) {
      isSettled = true;
      for (let number = 0; number < count; number += 1) {
        if (this.#answer(record, number, tell)) isSettled = false;
      }
    }
  }

  /** Whether any of a member's answers is new. */
  #answer(record: Int32Array, number: number, tell: Tell | undefined): boolean {
    const mail = record[this.members.length + number] ?? 0;
    let isNew = false;
    for (const answer of this.#moves[number]?.options(record[number] ?? 0, mail).answers ?? []) {
      if (!this.#post(record, number, answer.sent)) continue;
      isNew = true;
      tell?.(number, answer);
    }
    return isNew;
  }

  /** What is wrong in a state, if `changed` alone is not as it was before. */
  check(before: Int32Array, record: Int32Array, changed: number): Violation | undefined {
    const facts = this.members.map((member, number) => member.facts(record[number] ?? 0));
    const at = this.width - 2;
    return this.#history.check(before[at] ?? 0, record[at] ?? 0, facts, changed);
  }

  /** What the promises see, in words. */
  describeFacts(record: Int32Array): string {
    const facts = this.members.map((member, number) => {
      const { log, durableLog, applied, ...rest } = member.facts(record[number] ?? 0);
      const logs = [log, durableLog, applied].map((each) => this.#logs.at(each));
      return { ...rest, logs };
    });
    return JSON.stringify(facts);
  }

  /** The recipient, and the number of the message there. */
  #addressed(envelope: Envelope, when: Posted['when']): readonly Posted[] {
    const recipient = nameOf(envelope.message.to);
    const to = this.names.indexOf(recipient);
    const mail = this.members[to]?.mail;
    return mail === undefined ? [] : [{ to, message: mail.numberOf(envelope), when }];
  }
}
