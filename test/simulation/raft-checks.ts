import type { LogIndex, MemberId } from '../../src/ids.js';
import type { Configuration, Entry } from '../../src/raft/entry.js';
import type {
  AppendEntriesResponse,
  CommitNotice,
  HeartbeatRequest,
  InstallSnapshotResponse,
  Message,
} from '../../src/raft/messages.js';
import type { MemoryDisk } from '../support/memory-disk.js';
import type { Coverage } from './coverage.js';
import type { Machines } from './machines.js';
import type { SimulatedMember } from './simulated-member.js';
import { demand } from './violation.js';

interface Committed {
  readonly entry: Entry;
  /** The term of the first member seen to apply it. */
  readonly inTerm: number;
  readonly at: number;
}

/**
 * What Raft promises (figure 3 of the paper), checked from outside with a view that no member has:
 * all disks, all logs and all messages at once.
 */
export class RaftChecks {
  /** By index; the first is at 1. */
  readonly committed: (Committed | undefined)[] = [undefined];
  readonly #machines: Machines;
  readonly #leaders = new Map<number, MemberId>();
  /** By term: what its leader knew to be committed when it was elected. */
  readonly #commitsAtElection = new Map<number, LogIndex>();
  /** By term: up to where its leader's commits were looked at. */
  readonly #commitsSeen = new Map<number, LogIndex>();
  /** By term: what its leader went by after the last event. */
  readonly #configurations = new Map<number, Configuration>();
  readonly #votes = new Map<string, MemberId>();
  readonly #stateHashes = new Map<number, string>();
  /** The highest term that each member ever told anybody. */
  readonly #terms = new Map<MemberId, number>();

  /** By member and term: the highest index that it acknowledged to the leader of that term. */
  readonly #acknowledged = new Map<string, LogIndex>();
  #noticeCount = 0;

  get coverage(): Pick<Coverage, 'committed' | 'elections' | 'commitNotices'> {
    return {
      committed: this.committedIndex,
      elections: this.#leaders.size,
      commitNotices: this.#noticeCount,
    };
  }

  get committedIndex(): number {
    return this.committed.length - 1;
  }

  /** @param machines all of the run, also those that are retired. */
  constructor(machines: Machines) {
    this.#machines = machines;
  }

  /** Election safety, leader completeness, and that the term never goes back. */
  afterEvent(members: readonly SimulatedMember[]): void {
    for (const member of members) {
      const running = member.running;
      if (running === undefined) continue;
      const { role, currentTerm } = running.raft.softState();
      const before = this.#terms.get(member.id) ?? 0;
      demand(currentTerm >= before, `${member.name}: the term went back to ${currentTerm}`);
      if (role === 'leader') this.#checkLeader(member, currentTerm);
    }
  }

  #checkLeader(member: SimulatedMember, currentTerm: number): void {
    const known = this.#leaders.get(currentTerm);
    if (known === undefined) {
      this.#leaders.set(currentTerm, member.id);
      this.#checkCompleteness(member, currentTerm);
    }
    this.#checkCommitRule(member, currentTerm);
    demand(
      known === undefined || known === member.id,
      `term ${currentTerm} has two leaders: ${known} and ${member.id}`,
    );
  }

  /**
   * A leader goes on from what it knew by entries of its own term alone (section 5.4.2, figure 8).
   */
  #checkCommitRule(member: SimulatedMember, currentTerm: number): void {
    const raft = member.running?.raft;
    if (raft === undefined) return;
    const { commitIndex } = raft.softState();
    // It may have counted, and then begun to change the members, in one event.
    const configurations = [
      this.#configurations.get(currentTerm) ?? raft.configuration,
      raft.configuration,
    ];
    this.#configurations.set(currentTerm, raft.configuration);
    const before = this.#commitsAtElection.get(currentTerm);
    if (before === undefined) this.#commitsAtElection.set(currentTerm, commitIndex);
    if (before === undefined || commitIndex <= before) return;
    const term = raft.termAt(commitIndex);
    demand(
      term === 'compacted' || term === currentTerm,
      `${member.name} leads term ${currentTerm} and committed ${commitIndex} of term ${term} by counting`,
    );
    if (commitIndex === this.#commitsSeen.get(currentTerm) || typeof term !== 'number') return;
    this.#commitsSeen.set(currentTerm, commitIndex);
    this.#checkMajority(member, { index: commitIndex, term }, distinct(configurations));
  }

  /** Learners, those who went, and the leader itself unless it is a voter do not count. */
  #checkMajority(
    member: SimulatedMember,
    entry: Pick<Entry, 'index' | 'term'>,
    configurations: readonly Configuration[],
  ): void {
    const counts = configurations.map(({ voters }) => {
      const disks = voters.flatMap((voter) => this.#machines.get(voter)?.disk ?? []);
      return { of: voters.length, holders: disks.filter((disk) => hasDurably(disk, entry)).length };
    });
    const told = counts.map(({ holders, of }) => `${holders} of ${of}`);
    demand(
      counts.some(({ holders, of }) => holders * 2 > of),
      `${member.name} takes ${entry.index} for committed, which is on ${told.join(', or ')} disks of voters`,
    );
  }

  #checkCompleteness(member: SimulatedMember, currentTerm: number): void {
    const raft = member.running?.raft;
    if (raft === undefined) return;
    for (let index = this.committedIndex; index > 0; index -= 1) {
      const committed = this.committed[index];
      if (committed === undefined || committed.inTerm >= currentTerm) continue;
      if (index < raft.firstIndex) return;
      demand(
        index <= raft.lastIndex && raft.termAt(committed.entry.index) === committed.entry.term,
        `${member.name} leads term ${currentTerm} without entry ${index} of term ${committed.entry.term}, ` +
          `which was committed in term ${committed.inTerm}`,
      );
      return;
    }
  }

  /** A message leaves only after what it promises is on disk. */
  onSend(member: SimulatedMember, message: Message): void {
    const { hardState } = member.disk;
    switch (message.type) {
      case 'RequestVoteRequest':
        this.#onVote(member, message.term, member.id);
        break;
      case 'RequestVoteResponse':
        if (message.voteGranted) this.#onVote(member, message.term, message.to);
        break;
      case 'AppendEntriesResponse':
        if (message.success) this.#onAcknowledged(member, message, 'acknowledged');
        break;
      case 'InstallSnapshotResponse':
        this.#onAcknowledged(member, message, 'acknowledged by snapshot');
        break;
      case 'CommitNotice':
        this.#noticeCount += 1;
        this.#checkTold(member, message);
        break;
      case 'HeartbeatRequest':
        this.#checkTold(member, message);
        break;
      default:
        break;
    }
    const isAboutFuture =
      message.type === 'PreVoteRequest' ||
      (message.type === 'PreVoteResponse' && message.voteGranted);
    demand(
      isAboutFuture || hardState.currentTerm >= message.term,
      `${member.name} sent ${message.type} of term ${message.term}, but ${hardState.currentTerm} is on its disk`,
    );
    if (!isAboutFuture) {
      const told = Math.max(this.#terms.get(member.id) ?? 0, message.term);
      this.#terms.set(member.id, told);
    }
  }

  #onVote(member: SimulatedMember, term: number, candidate: MemberId): void {
    const { hardState } = member.disk;
    const key = `${member.id} ${term}`;
    const earlier = this.#votes.get(key);
    demand(
      earlier === undefined || earlier === candidate,
      `${member.name} voted twice in term ${term}: for ${earlier} and ${candidate}`,
    );
    this.#votes.set(key, candidate);
    demand(
      hardState.currentTerm > term ||
        (hardState.currentTerm === term && hardState.votedFor === candidate),
      `${member.name} told its vote in term ${term} before it was on disk`,
    );
  }

  #onAcknowledged(
    member: SimulatedMember,
    { term, matchIndex }: AppendEntriesResponse | InstallSnapshotResponse,
    how: string,
  ): void {
    this.#checkDurable(member, matchIndex, how);
    const key = `${member.id} in ${term}`;
    if (matchIndex > (this.#acknowledged.get(key) ?? 0)) this.#acknowledged.set(key, matchIndex);
  }

  /** A follower believes without a look at its log, so it is told only what it has acknowledged. */
  #checkTold(
    leader: SimulatedMember,
    { type, to, term, leaderCommit }: CommitNotice | HeartbeatRequest,
  ): void {
    const acknowledged = this.#acknowledged.get(`${to} in ${term}`) ?? 0;
    demand(
      leaderCommit <= acknowledged,
      `${leader.name} tells ${to} to commit ${leaderCommit} by a ${type} of term ${term}, ` +
        `which has acknowledged ${acknowledged}`,
    );
  }

  #checkDurable(member: SimulatedMember, index: number, what: string): void {
    const last = lastDurableIndex(member.disk);
    demand(index <= last, `${member.name} ${what} ${index}, but its disk ends at ${last}`);
  }

  /** State machine safety, and that a commit stands on a majority of disks. */
  onApplied(member: SimulatedMember, entry: Entry): void {
    const committed = this.committed[entry.index];
    if (committed === undefined) {
      demand(
        entry.index === this.committed.length,
        `${member.name} applied ${entry.index} right after ${this.committed.length - 1}`,
      );
      this.#onCommitted(member, entry);
      return;
    }
    demand(
      committed.entry.term === entry.term && sameBytes(committed.entry.data, entry.data),
      `${member.name} applied another entry at ${entry.index}: term ${entry.term} instead of ${committed.entry.term}`,
    );
  }

  /**
   * Whoever has counted goes by the configuration in its own log, which not all have yet. It may
   * have committed that one and begun to change the members again, before this member applies what
   * came before both.
   */
  #onCommitted(member: SimulatedMember, entry: Entry): void {
    const known = this.#machines.inUse.flatMap(({ running }) =>
      running === undefined
        ? []
        : [running.raft.configuration, running.raft.committedConfiguration],
    );
    const since = member.running?.raft.configurationAt(entry.index) ?? [];
    this.#checkMajority(member, entry, distinct(known.concat(since)));
    const inTerm = member.running?.raft.softState().currentTerm ?? entry.term;
    this.committed.push({ entry, inTerm, at: member.now });
  }

  /** Equal state at equal index. */
  onStateHash(member: SimulatedMember, index: number, hash: string): void {
    const known = this.#stateHashes.get(index);
    if (known === undefined) this.#stateHashes.set(index, hash);
    demand(
      known === undefined || known === hash,
      `${member.name} has another state than its peers at ${index}`,
    );
  }

  /**
   * What a leader believes of a follower is on that follower's disk: the strongest single check.
   */
  checkMatches(members: readonly SimulatedMember[]): void {
    for (const leader of members) {
      const raft = leader.running?.raft;
      if (raft === undefined || raft.softState().role !== 'leader') continue;
      for (const { id, matchIndex } of raft.peers()) {
        const follower = members.find((member) => member.id === id);
        if (follower === undefined || matchIndex === 0) continue;
        this.#checkMatch(leader, follower, matchIndex);
      }
    }
  }

  /** With the log matching property: one equal term means that everything before is equal too. */
  #checkMatch(leader: SimulatedMember, follower: SimulatedMember, matchIndex: LogIndex): void {
    const last = lastDurableIndex(follower.disk);
    const raft = leader.running?.raft;
    if (raft === undefined) return;
    const { currentTerm } = raft.softState();
    // A follower in a later term may have given up what was never committed.
    if (follower.disk.hardState.currentTerm > currentTerm) return;
    const durable = durableEntry(follower.disk, matchIndex);
    const expected = raft.termAt(matchIndex);
    demand(
      durable === undefined || expected === 'compacted' || durable.term === expected,
      `${leader.name} believes ${follower.name} matches at ${matchIndex} in term ${expected}, ` +
        `but its disk has term ${durable?.term}`,
    );
    demand(
      matchIndex <= last,
      `${leader.name} believes ${follower.name} has ${matchIndex}, but its disk ends at ${last}`,
    );
  }
}

export function lastDurableIndex(disk: MemoryDisk): number {
  return disk.entries.at(-1)?.index ?? disk.snapshot?.metadata.lastIncludedIndex ?? 0;
}

function distinct(configurations: readonly Configuration[]): readonly Configuration[] {
  return [...new Map(configurations.map((each) => [each.voters.join(), each])).values()];
}

function hasDurably(disk: MemoryDisk, entry: Pick<Entry, 'index' | 'term'>): boolean {
  const covered = disk.snapshot?.metadata.lastIncludedIndex ?? 0;
  const durable = durableEntry(disk, entry.index);
  if (durable !== undefined) return durable.term === entry.term;
  return entry.index <= covered;
}

export function durableEntry(disk: MemoryDisk, index: number): Entry | undefined {
  const first = disk.entries[0];
  return first === undefined ? undefined : disk.entries[index - first.index];
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one === other || Buffer.compare(one, other) === 0;
}
