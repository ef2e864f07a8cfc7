import { type LogIndex, logIndex, type Term, term } from '../../src/ids.js';
import type { Entry, HardState, SnapshotMetadata } from '../../src/raft/entry.js';
import type {
  AppendEntriesRequest,
  AppendEntriesResponse,
  CommitNotice,
  HeartbeatRequest,
  InstallSnapshotRequest,
  Message,
  RequestVoteRequest,
} from '../../src/raft/messages.js';
import { configurationOf, id, Peer, type Tuning } from './peer.js';
import { describeMessage } from './trace.js';

/** One entry per term, from index 1 on. */
export function entriesOf(terms: readonly number[]): readonly Entry[] {
  return entriesFrom(1, terms);
}

export function entriesFrom(first: number, terms: readonly number[]): readonly Entry[] {
  return terms.map((value, offset) => ({
    index: logIndex(first + offset),
    term: term(value),
    type: 'command' as const,
    data: new Uint8Array([first + offset]),
  }));
}

export function hardStateOf(currentTerm: number, votedFor?: string): HardState {
  return {
    currentTerm: term(currentTerm),
    votedFor: votedFor === undefined ? undefined : id(votedFor),
    commitIndex: logIndex(0),
  };
}

export function snapshotOf(index: number, atTerm: number): SnapshotMetadata {
  return {
    lastIncludedIndex: logIndex(index),
    lastIncludedTerm: term(atTerm),
    configuration: configurationOf(['a', 'b', 'c'], []),
  };
}

/** A follower `a` of a, b and c, whose log holds entries of `terms`. */
export function memberWith(terms: readonly number[], tuning: Tuning = {}): Peer {
  const last = terms.at(-1) ?? 0;
  return new Peer('a', { entries: entriesOf(terms), hardState: hardStateOf(last), ...tuning });
}

/** Every message below goes to `a`, from `b` unless it says otherwise. */
interface Common {
  readonly from: string;
  readonly term: number;
}

function addressed({ from, term: value }: Common) {
  return { from: id(from), to: id('a'), term: term(value) };
}

export function appendEntries(fields: {
  readonly term: number;
  readonly prev: readonly [index: number, term: number];
  readonly terms: readonly number[];
  readonly commit: number;
  readonly from?: string;
}): AppendEntriesRequest {
  const [prevLogIndex, prevLogTerm] = fields.prev;
  return {
    type: 'AppendEntriesRequest',
    ...addressed({ from: 'b', ...fields }),
    prevLogIndex: logIndex(prevLogIndex),
    prevLogTerm: term(prevLogTerm),
    entries: entriesFrom(prevLogIndex + 1, fields.terms),
    leaderCommit: logIndex(fields.commit),
  };
}

export function acknowledgement(from: string, value: number, match: number): AppendEntriesResponse {
  return {
    type: 'AppendEntriesResponse',
    ...addressed({ from, term: value }),
    success: true,
    prevLogIndex: logIndex(match),
    matchIndex: logIndex(match),
    conflictTerm: term(0),
    conflictIndex: logIndex(0),
  };
}

export function heartbeat(value: number, commit: number): HeartbeatRequest {
  return {
    type: 'HeartbeatRequest',
    ...addressed({ from: 'b', term: value }),
    leaderCommit: logIndex(commit),
    readRound: 0,
  };
}

export function commitNotice(value: number, commit: number): CommitNotice {
  return {
    type: 'CommitNotice',
    ...addressed({ from: 'b', term: value }),
    leaderCommit: logIndex(commit),
  };
}

export function installSnapshot(value: number, snapshot: SnapshotMetadata): InstallSnapshotRequest {
  return { type: 'InstallSnapshotRequest', ...addressed({ from: 'b', term: value }), snapshot };
}

export function voteRequest(fields: {
  readonly from: string;
  readonly term: number;
  readonly last: readonly [index: number, term: number];
}): RequestVoteRequest {
  return {
    type: 'RequestVoteRequest',
    ...addressed(fields),
    ...lastOf(fields.last),
    leadershipTransfer: false,
  };
}

export function preVoteRequest(fields: {
  readonly from: string;
  readonly term: number;
  readonly last: readonly [index: number, term: number];
}): Message {
  return { type: 'PreVoteRequest', ...addressed(fields), ...lastOf(fields.last) };
}

export function voteResponse(
  type: 'PreVoteResponse' | 'RequestVoteResponse',
  from: string,
  value: number,
  voteGranted: boolean,
): Message {
  return { type, ...addressed({ from, term: value }), voteGranted };
}

export function timeoutNow(value: number): Message {
  return { type: 'TimeoutNowRequest', ...addressed({ from: 'b', term: value }) };
}

function lastOf([index, value]: readonly [index: number, term: number]): {
  readonly lastLogIndex: LogIndex;
  readonly lastLogTerm: Term;
} {
  return { lastLogIndex: logIndex(index), lastLogTerm: term(value) };
}

/** Hands messages to the member, and returns what it sends. */
export function answers(peer: Peer, ...messages: readonly Message[]): readonly Message[] {
  const sent: Message[] = [];
  for (const message of messages) {
    peer.raft.step(message);
    sent.push(...peer.pump());
  }
  return sent;
}

/** `a` leads in the next term, with the noop of that term at its end, not yet acknowledged. */
export function leaderWith(terms: readonly number[], tuning: Tuning = {}): Peer {
  const peer = memberWith(terms, tuning);
  const wanted = (terms.at(-1) ?? 0) + 1;
  peer.raft.step(timeoutNow(wanted - 1));
  peer.pump();
  for (const voter of ['b', 'c']) {
    answers(peer, voteResponse('RequestVoteResponse', voter, wanted, true));
  }
  return peer;
}

export function terms(peer: Peer): readonly (number | string)[] {
  const result: (number | string)[] = [];
  for (let at = peer.raft.firstIndex; at <= peer.raft.lastIndex; at = logIndex(at + 1)) {
    result.push(peer.raft.termAt(at));
  }
  return result;
}

export function described(messages: readonly Message[]): readonly string[] {
  return messages.map(describeMessage);
}

export function campaign(peer: Peer): readonly Message[] {
  for (let tick = 0; tick < peer.options.electionTimeoutTicks; tick += 1) peer.raft.tick();
  return peer.pump();
}

/** `a` is a candidate in the term after the last of `ofTerms`. */
export function candidateWith(ofTerms: readonly number[], voters: readonly string[]): Peer {
  const peer = memberWith(ofTerms, { configuration: configurationOf(voters, []) });
  campaign(peer);
  const wanted = (ofTerms.at(-1) ?? 0) + 1;
  for (const voter of voters.slice(1)) {
    answers(peer, voteResponse('PreVoteResponse', voter, wanted, true));
  }
  return peer;
}

export function heartbeatAnswer(from: string, readRound: number): Message {
  const { term, to } = acknowledgement(from, 2, 0);
  return { type: 'HeartbeatResponse', from: id(from), to, term, readRound };
}

/** `a` leads in term 2, and all hold its first entry. */
export function leader(): Peer {
  const peer = leaderWith([1]);
  answers(peer, acknowledgement('b', 2, 2), acknowledgement('c', 2, 2));
  return peer;
}
