import { assertNever } from '../../src/assert.js';
import type { Entry } from '../../src/raft/entry.js';
import type { Message } from '../../src/raft/messages.js';
import type { Write } from '../../src/raft/ready.js';
import { nameOf, type Peer } from './peer.js';

/** Entries as `index/term`, runs of one term as `first..last/term`. */
export function describeEntries(entries: readonly Entry[]): string {
  const runs: { first: number; last: number; term: number }[] = [];
  for (const { index, term } of entries) {
    const run = runs.at(-1);
    if (run !== undefined && run.term === term) run.last = index;
    else runs.push({ first: index, last: index, term });
  }
  const texts = runs.map(({ first, last, term }) =>
    first === last ? `${first}/${term}` : `${first}..${last}/${term}`,
  );
  return texts.join(' ') || 'nothing';
}

export function describeMessage(message: Message): string {
  const head = `${nameOf(message.from)} -> ${nameOf(message.to)} ${message.type}`;
  return `${head} term ${message.term} ${describeContent(message)}`.trimEnd();
}

function describeContent(message: Message): string {
  switch (message.type) {
    case 'PreVoteRequest':
      return `last ${message.lastLogIndex}/${message.lastLogTerm}`;
    case 'RequestVoteRequest': {
      const transfer = message.leadershipTransfer ? ' transfer' : '';
      return `last ${message.lastLogIndex}/${message.lastLogTerm}${transfer}`;
    }
    case 'PreVoteResponse':
    case 'RequestVoteResponse':
      return message.voteGranted ? 'granted' : 'refused';
    case 'AppendEntriesRequest': {
      const { prevLogIndex, prevLogTerm, entries, leaderCommit } = message;
      return `prev ${prevLogIndex}/${prevLogTerm} ${describeEntries(entries)} commit ${leaderCommit}`;
    }
    case 'AppendEntriesResponse':
      if (message.success) return `match ${message.matchIndex}`;
      return `refused ${message.prevLogIndex}, conflict ${message.conflictIndex}/${message.conflictTerm}`;
    case 'HeartbeatRequest':
      return `commit ${message.leaderCommit} round ${message.readRound}`;
    case 'CommitNotice':
      return `commit ${message.leaderCommit}`;
    case 'HeartbeatResponse':
      return `round ${message.readRound}`;
    case 'InstallSnapshotRequest': {
      const { lastIncludedIndex, lastIncludedTerm } = message.snapshot;
      return `snapshot ${lastIncludedIndex}/${lastIncludedTerm}`;
    }
    case 'InstallSnapshotResponse':
      return `match ${message.matchIndex}`;
    case 'TimeoutNowRequest':
      return '';
    default:
      return assertNever(message);
  }
}

export function describeWrite(write: Write): string {
  const { currentTerm, votedFor } = write.hardState;
  const vote = votedFor === undefined ? '' : ` vote ${nameOf(votedFor)}`;
  const snapshot =
    write.snapshot === undefined ? '' : `, snapshot ${write.snapshot.lastIncludedIndex}`;
  const entries = write.entries.length === 0 ? '' : `, entries ${describeEntries(write.entries)}`;
  return `term ${currentTerm}${vote}${snapshot}${entries}`;
}

/** The public state of a member. */
export function describeState({ name, raft, appliedIndex }: Peer): string {
  const { role, currentTerm, leaderId, commitIndex } = raft.softState();
  const leader = leaderId === undefined ? 'nobody' : nameOf(leaderId);
  const log = `log ${raft.firstIndex}..${raft.lastIndex}`;
  return `${name} ${role} term ${currentTerm} leader ${leader} commit ${commitIndex} applied ${appliedIndex} ${log}`;
}

export function describePeers({ name, raft }: Peer): readonly string[] {
  return raft.peers().map((progress) => {
    const { id, state, matchIndex, nextIndex, inflight, recentlyActive } = progress;
    const silent = recentlyActive ? '' : ' silent';
    return `${name} sees ${nameOf(id)} ${state} match ${matchIndex} next ${nextIndex} inflight ${inflight}${silent}`;
  });
}
