import { assert, assertNever } from '../assert.js';
import { type LogIndex, logIndex, type MemberId, type Term, term } from '../ids.js';
import type { Entry, EntryType } from '../raft/entry.js';
import type { InstallSnapshotRequest, Message } from '../raft/messages.js';
import { malformed, safeInteger, type WireInteger } from './wire.js';

/** An announced snapshot travels by `Transport.sendSnapshot`, together with its bytes. */
export type StreamedMessage = Exclude<Message, InstallSnapshotRequest>;

export interface WireMessage extends WireBodies {
  readonly term: WireInteger;
  /** The name of the body that is set. The encoder works it out by itself. */
  readonly body?: keyof WireBodies;
}

export interface WireBodies {
  readonly preVoteRequest?: WireVoteRequest;
  readonly preVoteResponse?: WireVoteResponse;
  readonly requestVoteRequest?: WireVoteRequest & { readonly leadershipTransfer: boolean };
  readonly requestVoteResponse?: WireVoteResponse;
  readonly appendEntriesRequest?: WireAppendEntriesRequest;
  readonly appendEntriesResponse?: WireAppendEntriesResponse;
  readonly heartbeatRequest?: {
    readonly leaderCommit: WireInteger;
    readonly readRound: WireInteger;
  };
  readonly heartbeatResponse?: { readonly readRound: WireInteger };
  readonly installSnapshotResponse?: { readonly matchIndex: WireInteger };
  readonly timeoutNowRequest?: object;
}

interface WireVoteRequest {
  readonly lastLogIndex: WireInteger;
  readonly lastLogTerm: WireInteger;
}

interface WireVoteResponse {
  readonly voteGranted: boolean;
}

interface WireAppendEntriesRequest {
  readonly prevLogIndex: WireInteger;
  readonly prevLogTerm: WireInteger;
  readonly leaderCommit: WireInteger;
  readonly entries: readonly WireEntry[];
}

interface WireAppendEntriesResponse {
  readonly success: boolean;
  readonly prevLogIndex: WireInteger;
  readonly matchIndex: WireInteger;
  readonly conflictTerm: WireInteger;
  readonly conflictIndex: WireInteger;
}

interface WireEntry {
  readonly type: number;
  readonly term: WireInteger;
  readonly data: Uint8Array;
}

const entryTypeNumbers: Readonly<Record<EntryType, number>> = {
  noop: 1,
  command: 2,
  configuration: 3,
};
const entryTypes: readonly (EntryType | undefined)[] = [
  undefined,
  'noop',
  'command',
  'configuration',
];

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

export function encodeMessage(message: StreamedMessage): WireMessage {
  switch (message.type) {
    case 'PreVoteRequest':
      return { term: message.term, preVoteRequest: message };
    case 'PreVoteResponse':
      return { term: message.term, preVoteResponse: message };
    case 'RequestVoteRequest':
      return { term: message.term, requestVoteRequest: message };
    case 'RequestVoteResponse':
      return { term: message.term, requestVoteResponse: message };
    case 'AppendEntriesRequest':
      return {
        term: message.term,
        appendEntriesRequest: {
          prevLogIndex: message.prevLogIndex,
          prevLogTerm: message.prevLogTerm,
          leaderCommit: message.leaderCommit,
          entries: encodeEntries(message.prevLogIndex, message.entries),
        },
      };
    case 'AppendEntriesResponse':
      return { term: message.term, appendEntriesResponse: message };
    case 'HeartbeatRequest':
      return { term: message.term, heartbeatRequest: message };
    case 'HeartbeatResponse':
      return { term: message.term, heartbeatResponse: message };
    case 'InstallSnapshotResponse':
      return { term: message.term, installSnapshotResponse: message };
    case 'TimeoutNowRequest':
      return { term: message.term, timeoutNowRequest: {} };
    default:
      return assertNever(message);
  }
}

/** The indexes are not sent: they follow from the request's own. */
function encodeEntries(prevLogIndex: LogIndex, entries: readonly Entry[]): WireEntry[] {
  return entries.map((entry, position) => {
    assert(entry.index === prevLogIndex + 1 + position, 'entries are not contiguous');
    return { type: entryTypeNumbers[entry.type], term: entry.term, data: entry.data };
  });
}

type Decoder = (wire: WireMessage, addressed: Addressed) => StreamedMessage | undefined;

interface Addressed {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly term: Term;
}

/** Sender and receiver are those of the stream, so a message cannot speak for anybody else. */
export function decodeMessage(wire: WireMessage, from: MemberId, to: MemberId): StreamedMessage {
  if (wire.body === undefined) malformed('a message without a body');
  const message = decoders[wire.body](wire, { from, to, term: decodeTerm(wire.term) });
  return message ?? malformed('a message without its body');
}

const decoders: Readonly<Record<keyof WireBodies, Decoder>> = {
  preVoteRequest: ({ preVoteRequest: body }, addressed) =>
    body && { type: 'PreVoteRequest', ...addressed, ...decodeLogEnd(body) },
  preVoteResponse: ({ preVoteResponse: body }, addressed) =>
    body && { type: 'PreVoteResponse', ...addressed, voteGranted: body.voteGranted },
  requestVoteRequest: ({ requestVoteRequest: body }, addressed) =>
    body && {
      type: 'RequestVoteRequest',
      ...addressed,
      ...decodeLogEnd(body),
      leadershipTransfer: body.leadershipTransfer,
    },
  requestVoteResponse: ({ requestVoteResponse: body }, addressed) =>
    body && { type: 'RequestVoteResponse', ...addressed, voteGranted: body.voteGranted },
  appendEntriesRequest: ({ appendEntriesRequest: body }, addressed) =>
    body && decodeAppendEntriesRequest(body, addressed),
  appendEntriesResponse: ({ appendEntriesResponse: body }, addressed) =>
    body && {
      type: 'AppendEntriesResponse',
      ...addressed,
      success: body.success,
      prevLogIndex: decodeIndex(body.prevLogIndex),
      matchIndex: decodeIndex(body.matchIndex),
      conflictTerm: decodeTerm(body.conflictTerm),
      conflictIndex: decodeIndex(body.conflictIndex),
    },
  heartbeatRequest: ({ heartbeatRequest: body }, addressed) =>
    body && {
      type: 'HeartbeatRequest',
      ...addressed,
      leaderCommit: decodeIndex(body.leaderCommit),
      readRound: safeInteger(body.readRound),
    },
  heartbeatResponse: ({ heartbeatResponse: body }, addressed) =>
    body && { type: 'HeartbeatResponse', ...addressed, readRound: safeInteger(body.readRound) },
  installSnapshotResponse: ({ installSnapshotResponse: body }, addressed) =>
    body && {
      type: 'InstallSnapshotResponse',
      ...addressed,
      matchIndex: decodeIndex(body.matchIndex),
    },
  timeoutNowRequest: ({ timeoutNowRequest: body }, addressed) =>
    body && { type: 'TimeoutNowRequest', ...addressed },
};

function decodeAppendEntriesRequest(
  body: WireAppendEntriesRequest,
  addressed: Addressed,
): StreamedMessage {
  const prevLogIndex = decodeIndex(body.prevLogIndex);
  if (!Number.isSafeInteger(prevLogIndex + body.entries.length)) malformed('an index too large');
  return {
    type: 'AppendEntriesRequest',
    ...addressed,
    prevLogIndex,
    prevLogTerm: decodeTerm(body.prevLogTerm),
    leaderCommit: decodeIndex(body.leaderCommit),
    entries: body.entries.map((entry, position) => decodeEntry(entry, prevLogIndex + 1 + position)),
  };
}

function decodeEntry(wire: WireEntry, index: number): Entry {
  const type = entryTypes[wire.type];
  if (type === undefined) malformed(`an entry of unknown type ${wire.type}`);
  return { index: logIndex(index), term: decodeTerm(wire.term), type, data: wire.data };
}

function decodeLogEnd(body: WireVoteRequest): { lastLogIndex: LogIndex; lastLogTerm: Term } {
  return {
    lastLogIndex: decodeIndex(body.lastLogIndex),
    lastLogTerm: decodeTerm(body.lastLogTerm),
  };
}

function decodeIndex(value: WireInteger): LogIndex {
  return logIndex(safeInteger(value));
}

function decodeTerm(value: WireInteger): Term {
  return term(safeInteger(value));
}
