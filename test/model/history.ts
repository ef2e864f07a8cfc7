import { majority } from '../../src/raft/quorum.js';
import type { Facts } from './facts.js';
import type { Logs } from './logs.js';
import { Memo, Numbering } from './memo.js';

/** What has happened, as far as the promises speak of it. It is part of each state. */
interface Past {
  /** Who was elected in each term. */
  readonly leaders: readonly (number | null)[];
  /** The entries that any member ever took for committed, and the terms in which it did. */
  readonly committed: readonly string[];
  readonly inTerms: readonly number[];
}

/** Why a state is wrong. */
export interface Violation {
  readonly promise: string;
  readonly details: string;
}

const lost: Violation = {
  promise: 'durability',
  details: 'a committed entry is on the disks of no majority',
};

const termsMax = 64;

/** The promises of Raft (Raft, figure 3) that speak of more than one moment. */
export class History {
  readonly #logs: Logs;
  readonly #membersChange: boolean;
  readonly #pasts = new Numbering<Past>();
  readonly #complete = new Memo((pastAndTerm, log) => {
    const past = this.#pasts.at(Math.floor(pastAndTerm / termsMax));
    return isComplete(past, this.#logs.at(log), pastAndTerm % termsMax);
  });
  readonly #held = new Memo((past, log) =>
    commonLength(this.#pasts.at(past).committed, this.#logs.at(log)),
  );

  constructor(logs: Logs, membersChange: boolean) {
    this.#logs = logs;
    this.#membersChange = membersChange;
    this.#numberOf({ leaders: [], committed: [], inTerms: [] });
  }

  get size(): number {
    return this.#pasts.size;
  }

  /** The past once a member has come into a state. */
  after(number: number, member: number, facts: Facts): number | Violation {
    const past = this.#pasts.at(number);
    const { leads, term } = facts;
    const first = past.leaders[term] ?? member;
    if (leads && first !== member) {
      return { promise: 'one leader per term', details: `term ${term} has two` };
    }
    const committed = this.#logs.at(facts.log).slice(0, facts.commitIndex);
    const applied = this.#logs.at(facts.applied);
    for (const other of [committed, applied]) {
      const common = commonLength(past.committed, other);
      if (common < Math.min(past.committed.length, other.length)) {
        const details = `entry ${common + 1} was ${past.committed[common]}, and is ${other[common]}`;
        return { promise: 'state machine safety', details };
      }
    }
    if (applied.length > committed.length) {
      return { promise: 'state machine safety', details: 'more is applied than is committed' };
    }
    const isElected = leads && (past.leaders[term] ?? undefined) === undefined;
    const isGrown = committed.length > past.committed.length;
    if (!isElected && !isGrown) return number;
    return this.#numberOf({
      leaders: leads ? withLeader(past.leaders, member, term) : past.leaders,
      committed: isGrown ? committed : past.committed,
      inTerms: committed
        .map((_, at) => past.inTerms[at] ?? term)
        .concat(past.inTerms.slice(committed.length)),
    });
  }

  /** What is wrong at one moment, if `changed` alone is new, and the past was `before`. */
  check(
    before: number,
    past: number,
    members: readonly Facts[],
    changed: number,
  ): Violation | undefined {
    const log = members[changed]?.log ?? 0;
    for (const facts of members) {
      if (!this.#logs.match(log, facts.log)) {
        const details = `${this.#logs.at(log)} and ${this.#logs.at(facts.log)} have an equal entry after a different one`;
        return { promise: 'log matching', details };
      }
      if (facts.leads && !this.#complete.get(past * termsMax + facts.term, facts.log)) {
        const { committed } = this.#pasts.at(past);
        const details = `that of term ${facts.term} has ${this.#logs.at(facts.log)} of ${committed}`;
        return { promise: 'leader completeness', details };
      }
    }
    const wrong = wrongMembers(members[changed]);
    if (wrong !== undefined) return wrong;
    const isDurable = this.#membersChange
      ? !this.#hasGrown(before, past) || this.#isDurable(past, members, members[changed]?.voters)
      : this.#isDurable(past, members, undefined);
    return isDurable ? undefined : lost;
  }

  #hasGrown(before: number, past: number): boolean {
    return this.#pasts.at(past).committed.length > this.#pasts.at(before).committed.length;
  }

  /**
   * What is committed is on the disks of a majority. While the members change, the majority that
   * committed an entry need not be one later, so there this is demanded only when it is committed,
   * and of the voters in the log of whoever takes it for committed.
   */
  #isDurable(
    past: number,
    members: readonly Facts[],
    voters: readonly string[] | undefined,
  ): boolean {
    const { length } = this.#pasts.at(past).committed;
    if (length === 0 || voters?.length === 0) return true;
    const counted = members.filter(({ name }) => voters?.includes(name) ?? true);
    const holders = counted.filter(({ durableLog }) => this.#held.get(past, durableLog) >= length);
    return holders.length >= majority(counted.length);
  }

  #numberOf(past: Past): number {
    return this.#pasts.numberOf(JSON.stringify(past), () => past);
  }
}

/** What one member alone shows to be wrong about who is a member. */
function wrongMembers(facts: Facts | undefined): Violation | undefined {
  if (facts === undefined) return undefined;
  const { name, leads, voters, committedVoters, returned } = facts;
  if (leads && !voters.includes(name) && !committedVoters.includes(name)) {
    return { promise: 'a voter leads', details: `${name} leads, and is none` };
  }
  if (returned.length === 0) return undefined;
  return { promise: 'an id is used once', details: `${returned} was removed, and is a member` };
}

function withLeader(leaders: readonly (number | null)[], member: number, term: number) {
  const length = Math.max(leaders.length, term + 1);
  return Array.from({ length }, (_, at) => (at === term ? member : (leaders[at] ?? null)));
}

function isComplete({ committed, inTerms }: Past, log: readonly string[], term: number): boolean {
  return committed.every((entry, at) => (inTerms[at] ?? 0) >= term || log[at] === entry);
}

function commonLength(one: readonly string[], other: readonly string[]): number {
  const differs = one.findIndex((entry, at) => entry !== other[at]);
  return differs < 0 ? one.length : differs;
}
