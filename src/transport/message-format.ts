import { assert } from '../assert.js';
import { field } from '../encoding/field.js';
import { MalformedError } from '../encoding/format-error.js';
import { logIndex, term } from '../encoding/id-kinds.js';
import { flag, uint } from '../encoding/kinds.js';
import { type RecordFormat, taggedFormatFor } from '../encoding/record-format.js';
import { UnionFormat } from '../encoding/union-format.js';
import { type MemberId, next } from '../ids.js';
import type { Entry } from '../raft/entry.js';
import type { AppendEntriesRequest, InstallSnapshotRequest, Message } from '../raft/messages.js';
import { entryList, type PlacedEntry, withIndexes } from '../records/entry-format.js';

/** An announced snapshot travels by `Transport.sendSnapshot`, together with its bytes. */
export type StreamedMessage = Exclude<Message, InstallSnapshotRequest>;

/**
 * A message as it is written. Sender and receiver are those of the stream, so no message can speak
 * for anybody else; the indexes of entries follow from the request's own.
 */
export type WireMessage = WireAppendEntriesRequest | WithoutEntries;

type Unaddressed<M> = M extends Message ? Omit<M, 'from' | 'to'> : never;
type WithoutEntries = Unaddressed<Exclude<StreamedMessage, AppendEntriesRequest>>;
type WireAppendEntriesRequest = Omit<AppendEntriesRequest, 'from' | 'to' | 'entries'> & {
  readonly entries: readonly PlacedEntry[];
};
type Wire<Type extends StreamedMessage['type']> = RecordFormat<
  Extract<WireMessage, { readonly type: Type }>
>;

const logEnd = {
  term: field(1, term),
  lastLogIndex: field(2, logIndex),
  lastLogTerm: field(3, term),
};
const vote = { term: field(1, term), voteGranted: field(2, flag) };

const preVoteRequest: Wire<'PreVoteRequest'> = taggedFormatFor('PreVoteRequest', logEnd);
const preVoteResponse: Wire<'PreVoteResponse'> = taggedFormatFor('PreVoteResponse', vote);
const requestVoteRequest: Wire<'RequestVoteRequest'> = taggedFormatFor('RequestVoteRequest', {
  ...logEnd,
  leadershipTransfer: field(4, flag),
});
const requestVoteResponse: Wire<'RequestVoteResponse'> = taggedFormatFor(
  'RequestVoteResponse',
  vote,
);
const appendEntriesRequest: Wire<'AppendEntriesRequest'> = taggedFormatFor('AppendEntriesRequest', {
  term: field(1, term),
  prevLogIndex: field(2, logIndex),
  prevLogTerm: field(3, term),
  leaderCommit: field(4, logIndex),
  entries: field(5, entryList),
});
const appendEntriesResponse: Wire<'AppendEntriesResponse'> = taggedFormatFor(
  'AppendEntriesResponse',
  {
    term: field(1, term),
    success: field(2, flag),
    prevLogIndex: field(3, logIndex),
    matchIndex: field(4, logIndex),
    conflictTerm: field(5, term),
    conflictIndex: field(6, logIndex),
  },
);
const heartbeatRequest: Wire<'HeartbeatRequest'> = taggedFormatFor('HeartbeatRequest', {
  term: field(1, term),
  leaderCommit: field(2, logIndex),
  readRound: field(3, uint),
});
const heartbeatResponse: Wire<'HeartbeatResponse'> = taggedFormatFor('HeartbeatResponse', {
  term: field(1, term),
  readRound: field(2, uint),
});
const commitNotice: Wire<'CommitNotice'> = taggedFormatFor('CommitNotice', {
  term: field(1, term),
  leaderCommit: field(2, logIndex),
});
const installSnapshotResponse: Wire<'InstallSnapshotResponse'> = taggedFormatFor(
  'InstallSnapshotResponse',
  { term: field(1, term), matchIndex: field(2, logIndex) },
);
const timeoutNowRequest: Wire<'TimeoutNowRequest'> = taggedFormatFor('TimeoutNowRequest', {
  term: field(1, term),
});

export const messageFormat = new UnionFormat<WireMessage>('a message', {
  PreVoteRequest: [1, preVoteRequest],
  PreVoteResponse: [2, preVoteResponse],
  RequestVoteRequest: [3, requestVoteRequest],
  RequestVoteResponse: [4, requestVoteResponse],
  AppendEntriesRequest: [5, appendEntriesRequest],
  AppendEntriesResponse: [6, appendEntriesResponse],
  HeartbeatRequest: [7, heartbeatRequest],
  HeartbeatResponse: [8, heartbeatResponse],
  InstallSnapshotResponse: [9, installSnapshotResponse],
  TimeoutNowRequest: [10, timeoutNowRequest],
  CommitNotice: [11, commitNotice],
});

/** Upper bounds of the bytes that a frame adds to a message, and to an entry's data. */
const messageOverheadBytes = 96;
const entryOverheadBytes = 32;

/** An upper bound of the encoded size. */
export function messageBytes(message: StreamedMessage): number {
  if (message.type !== 'AppendEntriesRequest') return messageOverheadBytes;
  let bytes = messageOverheadBytes;
  for (const entry of message.entries) bytes += entryOverheadBytes + entry.data.byteLength;
  return bytes;
}

/**
 * The message itself: its format leaves out the addresses, and the indexes of contiguous entries.
 */
export function toWire(message: StreamedMessage): WireMessage {
  if (message.type === 'AppendEntriesRequest') {
    requireContiguous(message.prevLogIndex, message.entries);
  }
  return message;
}

function requireContiguous(prevLogIndex: number, entries: readonly Entry[]): void {
  for (const [position, entry] of entries.entries()) {
    assert(entry.index === prevLogIndex + 1 + position, 'entries are not contiguous');
  }
}

/**
 * The addresses come first: adding them to a copy of the rest costs V8 a microsecond.
 * @throws {MalformedError} for entries with indexes that are too large.
 */
export function fromWire(message: WireMessage, from: MemberId, to: MemberId): StreamedMessage {
  if (message.type !== 'AppendEntriesRequest') return { from, to, ...message };
  const { prevLogIndex } = message;
  if (!Number.isSafeInteger(prevLogIndex + message.entries.length + 1)) {
    throw new MalformedError('an index is too large');
  }
  return { from, to, ...message, entries: withIndexes(message.entries, next(prevLogIndex)) };
}
