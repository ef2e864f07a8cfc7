import { releaseFormats } from '../encoding/format-range.js';
import type { MemberId } from '../ids.js';
import type { Message } from '../raft/messages.js';
import type { MemberStatus } from '../view/member-status.js';
import { requestBytes, responseBytes } from './forward-format.js';
import { decodeFrame, encodeFrame, orMalformed } from './frame-format.js';
import type { Opening } from './hello.js';
import { fromWire, messageBytes, type StreamedMessage, toWire } from './message-format.js';
import { statusBytes } from './status-format.js';
import type { ForwardRequest, ForwardResponse, Hello } from './transport.js';

/** A frame is closed once it has reached this size; a single larger message travels alone. */
const frameBytesTarget = 256 * 1024;

/** A member neither sends nor accepts a larger frame. */
export const frameBytesMax = 16 * 1024 * 1024;

/** What is written before the peer's formats are known has to be readable by every release. */
export const openingVersion = releaseFormats.lowest;

/** A frame that is encoded only when there is room for it. */
export interface Frame {
  /** How many messages, requests or responses it carries. */
  readonly count: number;
  /** An upper bound of its size. */
  readonly bytesMax: number;
  readonly encode: () => Buffer;
}

/** What a dialled stream of Raft messages brings after its opening. */
export type RaftFrame =
  | { readonly type: 'messages'; readonly messages: readonly Message[] }
  | { readonly type: 'ping'; readonly ping: number };

/** The answer to the ping of that number. */
export interface Pong {
  readonly ping: number;
  readonly status: MemberStatus;
}

export function encodeOpening({ hello, to }: Opening): Buffer {
  return encodeFrame({ type: 'opening', hello, to, snapshot: undefined }, openingVersion);
}

export function decodeOpening(bytes: Uint8Array): Opening {
  return decodeFrame(bytes, 'opening');
}

export function encodeHello(hello: Hello): Buffer {
  return encodeFrame({ type: 'hello', hello }, openingVersion);
}

export function decodeHello(bytes: Uint8Array): Hello {
  return decodeFrame(bytes, 'hello').hello;
}

export function encodePing(ping: number, versionMax: number): Buffer {
  return encodeFrame({ type: 'ping', ping }, versionMax);
}

export function pongFrame(ping: number, status: MemberStatus, versionMax: number): Frame {
  const whole = { ...status, upMs: Math.round(status.upMs) };
  const encode = () => encodeFrame({ type: 'pong', ping, status: whole }, versionMax);
  return { count: 1, bytesMax: pongBytes + statusBytes(status), encode };
}

export function decodePong(bytes: Uint8Array): Pong {
  const { ping, status } = decodeFrame(bytes, 'pong');
  return { ping, status };
}

export function messageFrames(messages: readonly StreamedMessage[], versionMax: number): Frame[] {
  return pack(messages, messageBytes, (batch) =>
    encodeFrame({ type: 'messages', messages: batch.map(toWire) }, versionMax),
  );
}

/** Sender and receiver are those of the stream. */
export function decodeRaftFrame(bytes: Uint8Array, from: MemberId, to: MemberId): RaftFrame {
  const frame = decodeFrame(bytes, 'messages', 'ping');
  if (frame.type === 'ping') return frame;
  const messages = orMalformed(() => frame.messages.map((each) => fromWire(each, from, to)));
  return { type: 'messages', messages };
}

export function requestFrames(requests: readonly ForwardRequest[], versionMax: number): Frame[] {
  return pack(requests, requestBytes, (batch) =>
    encodeFrame({ type: 'requests', requests: batch }, versionMax),
  );
}

export function decodeRequests(bytes: Uint8Array): readonly ForwardRequest[] {
  return decodeFrame(bytes, 'requests').requests;
}

export function responseFrames(responses: readonly ForwardResponse[], versionMax: number): Frame[] {
  return pack(responses, responseBytes, (batch) =>
    encodeFrame({ type: 'responses', responses: batch }, versionMax),
  );
}

export function decodeResponses(bytes: Uint8Array): readonly ForwardResponse[] {
  return decodeFrame(bytes, 'responses').responses;
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
