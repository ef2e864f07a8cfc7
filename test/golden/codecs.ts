import { authCommands, authVersion } from '../../src/command/auth.js';
import { decodeEnvelope, encodeCommand, encodeEnvelope } from '../../src/command/codec.js';
import { commands } from '../../src/command/command.js';
import type { Envelope } from '../../src/command/envelope.js';
import { releaseFormats } from '../../src/encoding/format-range.js';
import type { LogIndex } from '../../src/ids.js';
import { decodeConfiguration, encodeConfiguration } from '../../src/raft/configuration.js';
import type { Configuration, Entry, EntryType } from '../../src/raft/entry.js';
import { decodeRecord, encodeRecord } from '../../src/storage/log-record.js';
import { decodeRoot, encodeRoot, type Root } from '../../src/storage/root-record.js';
import {
  decodeChunk,
  decodeManifest,
  encodeChunk,
  encodeManifest,
  type Manifest,
} from '../../src/storage/snapshot-record.js';
import {
  decodeWatermark,
  encodeWatermark,
  type Watermark,
} from '../../src/storage/watermark-record.js';
import { decodeFrame, encodeFrame, type PeerFrame } from '../../src/transport/frame-format.js';
import type { StreamedMessage } from '../../src/transport/message-format.js';
import type { ForwardRequest, ForwardResponse } from '../../src/transport/transport.js';

/** How the records of one folder are written and read. */
export interface Codec<T = unknown> {
  encode(value: T): Uint8Array;
  /** @param value says what has to be known to read it, as the place of a record on disk. */
  decode(bytes: Buffer, value: T): unknown;
  /** The last four bytes are a checksum. */
  readonly isChecksummed: boolean;
}

interface LogRecord {
  readonly firstIndex: LogIndex;
  readonly previousChain: number;
  readonly entries: readonly Entry[];
}

interface Chunk {
  readonly snapshot: number;
  readonly number: number;
  readonly data: Uint8Array;
}

const logRecord: Codec<LogRecord> = {
  encode: ({ firstIndex, entries, previousChain }) =>
    encodeRecord(firstIndex, entries, previousChain).bytes,
  decode: (bytes, { firstIndex, previousChain }) => {
    const { entries } = decodeRecord(bytes, firstIndex, previousChain);
    return { firstIndex, previousChain, entries };
  },
  isChecksummed: true,
};
const root: Codec<Root> = { encode: encodeRoot, decode: decodeRoot, isChecksummed: true };
const watermark: Codec<Watermark> = {
  encode: encodeWatermark,
  decode: decodeWatermark,
  isChecksummed: true,
};
const manifest: Codec<Manifest> = {
  encode: encodeManifest,
  decode: decodeManifest,
  isChecksummed: true,
};
const chunk: Codec<Chunk> = {
  encode: ({ snapshot, number, data }) => encodeChunk(snapshot, number, data),
  decode: (bytes, { snapshot, number }) => {
    return { snapshot, number, data: decodeChunk(bytes, snapshot, number) };
  },
  isChecksummed: true,
};
const configuration: Codec<Configuration> = {
  encode: encodeConfiguration,
  decode: decodeConfiguration,
  isChecksummed: false,
};
const command: Codec<Envelope> = {
  encode: (envelope) => {
    const { stamp, origin, command: asked } = envelope;
    const version = versionOf(envelope);
    return encodeEnvelope(stamp, encodeCommand(origin, asked, version), version);
  },
  decode: (bytes) => decodeEnvelope(bytes, releaseFormats.highest),
  isChecksummed: false,
};

/** The cluster's version when it was written: the lowest that it may have been. */
function versionOf({ origin, command: { type } }: Envelope): number {
  const isLater = origin?.identity !== undefined || Object.hasOwn(authCommands, type);
  return isLater ? authVersion : 1;
}

/** The compiler demands every type. */
const frameTypes: Readonly<Record<PeerFrame['type'], true>> = {
  opening: true,
  hello: true,
  messages: true,
  ping: true,
  pong: true,
  requests: true,
  responses: true,
  chunk: true,
  end: true,
};
const messageTypes: Readonly<Record<StreamedMessage['type'], true>> = {
  PreVoteRequest: true,
  PreVoteResponse: true,
  RequestVoteRequest: true,
  RequestVoteResponse: true,
  AppendEntriesRequest: true,
  AppendEntriesResponse: true,
  HeartbeatRequest: true,
  HeartbeatResponse: true,
  InstallSnapshotResponse: true,
  TimeoutNowRequest: true,
  CommitNotice: true,
};
const forwardTypes: Readonly<Record<(ForwardRequest | ForwardResponse)['type'], true>> = {
  propose: true,
  readIndex: true,
  transferLeadership: true,
  changeMembers: true,
  membersChanged: true,
  accepted: true,
  notLeader: true,
  busy: true,
};
const entryTypes: Readonly<Record<EntryType, true>> = {
  noop: true,
  command: true,
  configuration: true,
};

/** The types that must stand in the files of a folder. */
export const requiredTypes: Readonly<Record<string, readonly string[]>> = {
  'log-record': Object.keys(entryTypes),
  command: Object.keys(commands),
  frame: Object.keys({ ...frameTypes, ...messageTypes, ...forwardTypes }),
};

const frame: Codec<PeerFrame> = {
  encode: (frame) => encodeFrame(frame, 1),
  decode: (bytes) =>
    decodeFrame(bytes, 'opening', ...(Object.keys(frameTypes) as PeerFrame['type'][])),
  isChecksummed: false,
};

/** By the folder of their golden files. A value is as its file says, so each reads only its own. */
export const codecs = {
  'log-record': logRecord,
  root,
  watermark,
  manifest,
  chunk,
  configuration,
  command,
  frame,
} as Readonly<Record<string, Codec>>;
