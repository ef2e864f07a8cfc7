import { field } from '../encoding/field.js';
import { MalformedError, NewerFormatError } from '../encoding/format-error.js';
import { releaseFormats } from '../encoding/format-range.js';
import { memberId, term } from '../encoding/id-kinds.js';
import { bytes, list, optional, required, uint } from '../encoding/kinds.js';
import { formatFor, type RecordFormat, taggedFormatFor } from '../encoding/record-format.js';
import { UnionFormat } from '../encoding/union-format.js';
import { decodeVersioned, encodeVersioned } from '../encoding/versioned.js';
import type { MemberId, Term } from '../ids.js';
import type { SnapshotMetadata } from '../raft/entry.js';
import { snapshotMetadataFormat } from '../records/entry-format.js';
import type { MemberStatus } from '../view/member-status.js';
import { requestFormat, responseFormat } from './forward-format.js';
import { helloFormat } from './hello.js';
import { messageFormat, type WireMessage } from './message-format.js';
import { statusFormat } from './status-format.js';
import type { ForwardRequest, ForwardResponse, Hello } from './transport.js';
import { messageOf, TransportError } from './transport-error.js';

/** Everything that one member says to another. */
export type PeerFrame =
  | OpeningFrame
  | HelloFrame
  | MessagesFrame
  | PingFrame
  | PongFrame
  | RequestsFrame
  | ResponsesFrame
  | ChunkFrame
  | EndFrame;

/** The first frame of each stream. */
interface OpeningFrame {
  readonly type: 'opening';
  readonly hello: Hello;
  /** The member that the dialler believes it has reached. */
  readonly to: MemberId;
  /** What a stream of the `Snapshot` method announces. */
  readonly snapshot: Announcement | undefined;
}

export interface Announcement {
  readonly term: Term;
  readonly metadata: SnapshotMetadata;
}

/** The answer to an opening; on a `Snapshot` stream, once the snapshot was received whole. */
interface HelloFrame {
  readonly type: 'hello';
  readonly hello: Hello;
}

interface MessagesFrame {
  readonly type: 'messages';
  readonly messages: readonly WireMessage[];
}

/**
 * Answered with a pong of the same number, so that a silent connection is told from an idle one.
 */
interface PingFrame {
  readonly type: 'ping';
  readonly ping: number;
}

interface PongFrame {
  readonly type: 'pong';
  readonly ping: number;
  /** For display: nothing is decided by it. */
  readonly status: MemberStatus;
}

interface RequestsFrame {
  readonly type: 'requests';
  readonly requests: readonly ForwardRequest[];
}

/** In any order. An answer repeats the tag of its request. */
interface ResponsesFrame {
  readonly type: 'responses';
  readonly responses: readonly ForwardResponse[];
}

interface ChunkFrame {
  readonly type: 'chunk';
  readonly chunk: Uint8Array;
}

/** A snapshot that ends without it was cut short. The length and the CRC-32 of all its chunks. */
interface EndFrame {
  readonly type: 'end';
  readonly length: number;
  readonly crc32: number;
}

const announcementFormat = formatFor<Announcement>('the announcement of a snapshot', {
  term: field(1, term),
  metadata: field(2, required(snapshotMetadataFormat)),
});

type Of<Type extends PeerFrame['type']> = RecordFormat<Extract<PeerFrame, { readonly type: Type }>>;

const opening: Of<'opening'> = taggedFormatFor('opening', {
  hello: field(1, required(helloFormat)),
  to: field(2, memberId),
  snapshot: field(3, optional(announcementFormat)),
});
const hello: Of<'hello'> = taggedFormatFor('hello', { hello: field(1, required(helloFormat)) });
const messages: Of<'messages'> = taggedFormatFor('messages', {
  messages: field(1, list(messageFormat, Object.freeze([]))),
});
const ping: Of<'ping'> = taggedFormatFor('ping', { ping: field(1, uint) });
const pong: Of<'pong'> = taggedFormatFor('pong', {
  ping: field(1, uint),
  status: field(2, required(statusFormat)),
});
const requests: Of<'requests'> = taggedFormatFor('requests', {
  requests: field(1, list(requestFormat, Object.freeze([]))),
});
const responses: Of<'responses'> = taggedFormatFor('responses', {
  responses: field(1, list(responseFormat, Object.freeze([]))),
});
const chunk: Of<'chunk'> = taggedFormatFor('chunk', { chunk: field(1, bytes) });
const end: Of<'end'> = taggedFormatFor('end', { length: field(1, uint), crc32: field(2, uint) });

const frameFormat = new UnionFormat<PeerFrame>('a frame', {
  opening: [1, opening],
  hello: [2, hello],
  messages: [3, messages],
  ping: [4, ping],
  pong: [5, pong],
  requests: [6, requests],
  responses: [7, responses],
  chunk: [8, chunk],
  end: [9, end],
});

/** @param versionMax the highest format that the peer's hello says it understands. */
export function encodeFrame(frame: PeerFrame, versionMax: number): Buffer {
  return encodeVersioned(frameFormat, frame, 'a frame', versionMax);
}

/**
 * @throws {TransportError} `malformed` for a frame that no member of a release up to this one sends
 *   here.
 */
export function decodeFrame<Type extends PeerFrame['type']>(
  bytes: Uint8Array,
  ...expected: readonly [Type, ...Type[]]
): Extract<PeerFrame, { readonly type: Type }> {
  const frame = orMalformed(() =>
    decodeVersioned(frameFormat, bytes, 'a frame', releaseFormats.highest),
  );
  if (!isOneOf(frame, expected)) {
    throw new TransportError('malformed', `a frame of type ${frame.type} does not belong here`);
  }
  return frame;
}

function isOneOf<Type extends PeerFrame['type']>(
  frame: PeerFrame,
  expected: readonly Type[],
): frame is Extract<PeerFrame, { readonly type: Type }> {
  return expected.some((type) => type === frame.type);
}

/** A peer's bytes that cannot be understood end its stream, and nothing more. */
export function orMalformed<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof MalformedError || error instanceof NewerFormatError)) throw error;
    throw new TransportError('malformed', `malformed frame: ${messageOf(error)}`, { cause: error });
  }
}
