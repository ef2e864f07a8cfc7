import { logIndex, type MemberId, memberId, term } from '../../src/ids.js';
import type { InstallSnapshotRequest, Message } from '../../src/raft/messages.js';
import type { MemberStatus } from '../../src/view/member-status.js';

export const alice = memberId('aaaaaaaaaaaaaaaa');
export const bob = memberId('bbbbbbbbbbbbbbbb');
export const carol = memberId('cccccccccccccccc');

export const sampleStatus: MemberStatus = {
  role: 'follower',
  term: term(3),
  leaderId: alice,
  commitIndex: logIndex(7),
  appliedIndex: logIndex(6),
  upMs: 1000,
  rssBytes: 2 ** 33,
  heapUsedBytes: 2 ** 32,
  diskBytes: undefined,
  watchers: 5,
  version: '1.2.3',
};

export function heartbeat(from: MemberId, to: MemberId, readRound: number): Message {
  return {
    type: 'HeartbeatRequest',
    from,
    to,
    term: term(3),
    leaderCommit: logIndex(7),
    readRound,
  };
}

export function append(
  from: MemberId,
  to: MemberId,
  prevLogIndex: number,
  data: readonly Uint8Array[],
): Message {
  return {
    type: 'AppendEntriesRequest',
    from,
    to,
    term: term(3),
    prevLogIndex: logIndex(prevLogIndex),
    prevLogTerm: term(2),
    leaderCommit: logIndex(prevLogIndex),
    entries: data.map((bytes, position) => ({
      index: logIndex(prevLogIndex + 1 + position),
      term: term(3),
      type: 'command',
      data: bytes,
    })),
  };
}

export function announcement(from: MemberId, to: MemberId): InstallSnapshotRequest {
  return {
    type: 'InstallSnapshotRequest',
    from,
    to,
    term: term(3),
    snapshot: {
      lastIncludedIndex: logIndex(100),
      lastIncludedTerm: term(2),
      configuration: {
        voters: [alice, bob],
        learners: [carol],
        removed: undefined,
        addresses: undefined,
      },
    },
  };
}

/** One of each kind, with values that no default could stand for. */
export function everyMessage(from: MemberId, to: MemberId): Message[] {
  const addressed = { from, to, term: term(9) };
  const logEnd = { lastLogIndex: logIndex(2 ** 53 - 1), lastLogTerm: term(8) };
  return [
    { type: 'PreVoteRequest', ...addressed, ...logEnd },
    { type: 'PreVoteResponse', ...addressed, voteGranted: true },
    { type: 'RequestVoteRequest', ...addressed, ...logEnd, leadershipTransfer: true },
    { type: 'RequestVoteResponse', ...addressed, voteGranted: false },
    {
      type: 'AppendEntriesRequest',
      ...addressed,
      prevLogIndex: logIndex(4),
      prevLogTerm: term(3),
      leaderCommit: logIndex(2),
      entries: [
        { index: logIndex(5), term: term(5), type: 'noop', data: Buffer.alloc(0) },
        { index: logIndex(6), term: term(6), type: 'command', data: Buffer.from('six') },
        { index: logIndex(7), term: term(9), type: 'configuration', data: Buffer.from([0, 255]) },
      ],
    },
    {
      type: 'AppendEntriesResponse',
      ...addressed,
      success: false,
      prevLogIndex: logIndex(4),
      matchIndex: logIndex(0),
      conflictTerm: term(2),
      conflictIndex: logIndex(3),
    },
    { type: 'HeartbeatRequest', ...addressed, leaderCommit: logIndex(6), readRound: 12 },
    { type: 'HeartbeatResponse', ...addressed, readRound: 12 },
    { type: 'InstallSnapshotResponse', ...addressed, matchIndex: logIndex(77) },
    { type: 'TimeoutNowRequest', ...addressed },
    { type: 'CommitNotice', ...addressed, leaderCommit: logIndex(8) },
  ];
}
