import type { LogIndex, MemberId } from '../../src/ids.js';
import type { AppendEntriesRequest, Message } from '../../src/raft/messages.js';
import type { PeerProgress } from '../../src/raft/options.js';
import type { SimulatedMember } from './simulated-member.js';
import { demand } from './violation.js';

/** The newest request of a leader to one follower, and what it has heard of that follower since. */
interface Request {
  readonly term: number;
  readonly prevLogIndex: LogIndex;
  readonly isProbe: boolean;
  heard: 'nothing' | 'lateRefusals' | 'news';
}

interface Transfer {
  readonly term: number;
  readonly lastIndex: LogIndex;
  readonly since: number;
}

/** A leader gives a transfer so much time, by its own clock and in whole ticks. */
const transferMs = 900;

/** What a leader may do only after it has heard what allows it. */
export class LeaderChecks {
  readonly #requests = new Map<string, Request>();
  readonly #transfers = new Map<MemberId, Transfer>();

  onSend(leader: SimulatedMember, message: Message): void {
    if (message.type === 'AppendEntriesRequest') this.#onAppend(leader, message);
  }

  /** Where the logs part is asked with one request at a time, and again only for a reason. */
  #onAppend(leader: SimulatedMember, message: AppendEntriesRequest): void {
    const { from, to, term, prevLogIndex } = message;
    const key = `${from}>${to}`;
    const open = this.#requests.get(key);
    const repeats = open?.term === term && open.isProbe && open.heard === 'lateRefusals';
    demand(
      !repeats,
      `${leader.name} asks ${to} again, behind ${prevLogIndex}, and has heard nothing but refusals ` +
        'of what it had asked before its last question',
    );
    const progress = leader.running?.raft.peers().find(({ id }) => id === to);
    const isProbe = progress?.state === 'probe';
    this.#requests.set(key, { term, prevLogIndex, isProbe, heard: 'nothing' });
  }

  onReceived(leader: SimulatedMember, message: Message): void {
    const open = this.#requests.get(`${leader.id}>${message.from}`);
    if (open === undefined || message.term !== open.term) return;
    const isLateRefusal =
      message.type === 'AppendEntriesResponse' &&
      !message.success &&
      message.prevLogIndex !== open.prevLogIndex;
    if (!isLateRefusal) open.heard = 'news';
    else if (open.heard === 'nothing') open.heard = 'lateRefusals';
  }

  onPeerLost(leader: SimulatedMember, peer: MemberId): void {
    const open = this.#requests.get(`${leader.id}>${peer}`);
    if (open !== undefined) open.heard = 'news';
  }

  /** To be called right before the leader is asked to hand over. */
  onHandOver(leader: SimulatedMember): void {
    const raft = leader.running?.raft;
    if (raft === undefined || raft.softState().role !== 'leader') return;
    const { voters } = raft.configuration;
    const isTarget = ({ id, recentlyActive }: PeerProgress) =>
      recentlyActive && voters.includes(id);
    if (!raft.peers().some(isTarget)) return;
    const { currentTerm: term, lastIndex } = raft.softState();
    const known = this.#transfers.get(leader.id);
    // Without a new entry the earlier transfer may go on still: its leader counts ticks, and may
    // have stood still.
    if (known?.term === term && known.lastIndex === lastIndex) return;
    this.#transfers.set(leader.id, { term, lastIndex, since: leader.now });
  }

  /** A leader that hands over appends nothing, or its successor would never have all of its log. */
  afterEvent(members: readonly SimulatedMember[]): void {
    if (this.#transfers.size === 0) return;
    for (const member of members) {
      const transfer = this.#transfers.get(member.id);
      const soft = member.running?.raft.softState();
      if (transfer === undefined || soft?.role !== 'leader') continue;
      if (soft.currentTerm !== transfer.term || member.now > transfer.since + transferMs) continue;
      demand(
        soft.lastIndex === transfer.lastIndex,
        `${member.name} hands over, and appends ${soft.lastIndex} after ${transfer.lastIndex}`,
      );
    }
  }
}
