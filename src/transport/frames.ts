import type { MemberId } from '../ids.js';
import type { Message } from '../raft/messages.js';
import type { MemberStatus } from '../view/member-status.js';
import {
  decodeForwardRequest,
  decodeForwardResponse,
  encodeForwardRequest,
  encodeForwardResponse,
  requestBytes,
  responseBytes,
  type WireForwardRequest,
  type WireForwardResponse,
} from './forward-codec.js';
import {
  decodeHello,
  decodeOpening,
  encodeOpening,
  type Opening,
  type WireHello,
  type WireOpening,
} from './hello.js';
import { decodeStatus, encodeStatus, statusBytes, type WireMemberStatus } from './member-status.js';
import {
  decodeMessage,
  encodeMessage,
  messageBytes,
  type StreamedMessage,
  type WireMessage,
} from './message-codec.js';
import type { ForwardRequest, ForwardResponse, Hello } from './transport.js';
import { FrameType } from './wire.js';

/** A frame is closed once it has reached this size; a single larger message travels alone. */
const frameBytesTarget = 256 * 1024;

/** A member neither sends nor accepts a larger frame. */
export const frameBytesMax = 16 * 1024 * 1024;

/** A frame that is encoded only when there is room for it. */
export interface Frame {
  /** How many messages, requests or responses it carries. */
  readonly count: number;
  /** An upper bound of its size. */
  readonly bytesMax: number;
  readonly encode: () => Buffer;
}

export interface RaftFrame {
  readonly messages: readonly Message[];
  readonly ping: number | undefined;
}

interface WireRaftFrame {
  readonly opening?: WireOpening | null;
  readonly messages?: readonly WireMessage[];
  readonly ping?: number;
}

interface WireRaftReply {
  readonly hello?: WireHello | null;
  readonly pong?: number;
  readonly status?: WireMemberStatus | null;
}

/** The answer to the ping of that number. */
export interface Pong {
  readonly ping: number;
  readonly status: MemberStatus | undefined;
}

interface WireForwardFrame {
  readonly opening?: WireOpening | null;
  readonly requests?: readonly WireForwardRequest[];
}

interface WireForwardReply {
  readonly hello?: WireHello | null;
  readonly responses?: readonly WireForwardResponse[];
}

const raftFrame = new FrameType<WireRaftFrame, WireRaftFrame>('RaftFrame');
const raftReply = new FrameType<WireRaftReply, WireRaftReply>('RaftReply');
const forwardFrame = new FrameType<WireForwardFrame, WireForwardFrame>('ForwardFrame');
const forwardReply = new FrameType<WireForwardReply, WireForwardReply>('ForwardReply');

export function encodeRaftOpening(opening: Opening): Buffer {
  return raftFrame.encode({ opening: encodeOpening(opening) });
}

export function encodePing(ping: number): Buffer {
  return raftFrame.encode({ ping });
}

export function messageFrames(messages: readonly StreamedMessage[]): Frame[] {
  return pack(messages, messageBytes, (batch) =>
    raftFrame.encode({ messages: batch.map(encodeMessage) }),
  );
}

export function decodeRaftOpening(bytes: Uint8Array): Opening {
  return decodeOpening(raftFrame.decode(bytes).opening);
}

export function decodeRaftFrame(bytes: Uint8Array, from: MemberId, to: MemberId): RaftFrame {
  const frame = raftFrame.decode(bytes);
  return {
    messages: (frame.messages ?? []).map((message) => decodeMessage(message, from, to)),
    ping: frame.ping === 0 ? undefined : frame.ping,
  };
}

export function encodeRaftHello(hello: Hello): Buffer {
  return raftReply.encode({ hello });
}

export function pongFrame(ping: number, status: MemberStatus): Frame {
  const encode = () => raftReply.encode({ pong: ping, status: encodeStatus(status) });
  return { count: 1, bytesMax: pongBytes + statusBytes(status), encode };
}

export function decodePong(bytes: Uint8Array): Pong {
  const { pong, status } = raftReply.decode(bytes);
  return { ping: pong ?? 0, status: status ? decodeStatus(status) : undefined };
}

export function decodeRaftHello(bytes: Uint8Array): Hello {
  return decodeHello(raftReply.decode(bytes).hello);
}

export function encodeForwardOpening(opening: Opening): Buffer {
  return forwardFrame.encode({ opening: encodeOpening(opening) });
}

export function requestFrames(requests: readonly ForwardRequest[]): Frame[] {
  return pack(requests, requestBytes, (batch) =>
    forwardFrame.encode({ requests: batch.map(encodeForwardRequest) }),
  );
}

export function decodeForwardOpening(bytes: Uint8Array): Opening {
  return decodeOpening(forwardFrame.decode(bytes).opening);
}

export function decodeRequests(bytes: Uint8Array): ForwardRequest[] {
  return (forwardFrame.decode(bytes).requests ?? []).map(decodeForwardRequest);
}

export function encodeForwardHello(hello: Hello): Buffer {
  return forwardReply.encode({ hello });
}

export function responseFrames(responses: readonly ForwardResponse[]): Frame[] {
  return pack(responses, responseBytes, (batch) =>
    forwardReply.encode({ responses: batch.map(encodeForwardResponse) }),
  );
}

export function decodeForwardHello(bytes: Uint8Array): Hello {
  return decodeHello(forwardReply.decode(bytes).hello);
}

export function decodeResponses(bytes: Uint8Array): ForwardResponse[] {
  return (forwardReply.decode(bytes).responses ?? []).map(decodeForwardResponse);
}

const pongBytes = 32;

/** As few frames as possible: one, if that stays below the target. */
function pack<T>(
  items: readonly T[],
  bytesOf: (item: T) => number,
  encode: (batch: readonly T[]) => Buffer,
): Frame[] {
  const frames: Frame[] = [];
  let start = 0;
  let bytesMax = 0;
  const close = (end: number) => {
    const batch = items.slice(start, end);
    if (batch.length > 0)
      frames.push({ count: batch.length, bytesMax, encode: () => encode(batch) });
    start = end;
    bytesMax = 0;
  };
  items.forEach((item, position) => {
    const bytes = bytesOf(item);
    if (bytesMax + bytes > frameBytesTarget) close(position);
    bytesMax += bytes;
  });
  close(items.length);
  return frames;
}
