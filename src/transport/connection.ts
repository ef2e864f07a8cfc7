import { type ClientDuplexStream, type StatusObject, status } from '@grpc/grpc-js';
import type { MemberId } from '../ids.js';
import type { Message } from '../raft/messages.js';
import { BoundedWriter, type TrafficCounts } from './bounded-writer.js';
import { type Address, Channel } from './channel.js';
import type { Contact } from './contact.js';
import {
  decodeForwardHello,
  decodePong,
  decodeRaftHello,
  decodeResponses,
  encodeForwardOpening,
  encodePing,
  encodeRaftOpening,
  messageFrames,
  requestFrames,
} from './frames.js';
import { type AcceptPeer, refuseAnswer } from './hello.js';
import type { ForwardRequest, ForwardResponse, Hello } from './transport.js';
import { messageOf, TransportError } from './transport-error.js';
import type { TransportTuning } from './tuning.js';

/**
 * - `lost`: the peer's host ended or refused it, which is evidence that the peer's process is gone.
 * - `silent`: nothing was heard for too long, which is evidence of nothing.
 * - `refused`: one side does not accept the other; another try meets the same answer.
 * - `broken`: one side did not understand the other, or has replaced this connection.
 */
export interface ConnectionEnd {
  readonly type: 'lost' | 'silent' | 'refused' | 'broken';
  readonly reason: string;
}

export interface ConnectionHandler {
  onOpen(): void;
  onResponses(responses: readonly ForwardResponse[]): void;
  /** Once, and last. Not called when the owner closes the connection. */
  onEnd(end: ConnectionEnd): void;
}

export interface ConnectionOptions {
  readonly address: Address;
  readonly peer: MemberId;
  readonly hello: Hello;
  readonly acceptPeer: AcceptPeer;
  readonly tuning: TransportTuning;
  readonly counts: TrafficCounts;
  readonly contact: Contact;
}

/** One dialled connection, from the first packet to its end. It is never dialled again. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #handler: ConnectionHandler;
  readonly #channel: Channel;
  readonly #raft: ClientDuplexStream<Buffer, Buffer>;
  readonly #messages: BoundedWriter;
  readonly #timeout: NodeJS.Timeout;
  #requests: BoundedWriter | undefined;
  #pinger: NodeJS.Timeout | undefined;
  #pings = 0;
  #unansweredPings = 0;
  #ended = false;

  constructor(options: ConnectionOptions, handler: ConnectionHandler) {
    this.#options = options;
    this.#handler = handler;
    this.#channel = new Channel(options.address);
    this.#timeout = setTimeout(
      () => this.#end({ type: 'silent', reason: 'it was not answered in time' }),
      options.tuning.connectTimeoutMs,
    );
    this.#raft = this.#channel.openRaft();
    this.#messages = new BoundedWriter(this.#raft, options.tuning, options.counts);
    this.#listen(this.#raft, (frame) => this.#onRaftReply(frame));
    this.#raft.write(encodeRaftOpening({ hello: options.hello, to: options.peer }));
  }

  get isOpen(): boolean {
    return this.#requests !== undefined && !this.#ended;
  }

  send(messages: readonly Message[]): void {
    for (const frame of messageFrames(messages)) this.#messages.offer(frame);
  }

  forward(requests: readonly ForwardRequest[]): void {
    for (const frame of requestFrames(requests)) this.#requests?.offer(frame);
  }

  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timeout);
    clearInterval(this.#pinger);
    this.#raft.cancel();
    this.#channel.close();
  }

  #listen(stream: ClientDuplexStream<Buffer, Buffer>, onFrame: (frame: Buffer) => void): void {
    stream.on('data', (frame: Buffer) => {
      if (this.#ended) return;
      this.#unansweredPings = 0;
      onFrame(frame);
    });
    // Every error is followed by its status; but an error that nobody listens to stops the process.
    stream.on('error', () => {});
    stream.on('status', (end: StatusObject) => this.#end(connectionEnd(end)));
  }

  #onRaftReply(frame: Buffer): void {
    if (this.isOpen) {
      const pong = this.#decode(() => decodePong(frame));
      if (pong !== undefined) this.#options.contact.answered(pong);
      return;
    }
    const { hello, peer, acceptPeer } = this.#options;
    const answer = this.#decode(() => decodeRaftHello(frame));
    if (answer === undefined) return;
    const reason = refuseAnswer(hello, peer, answer, acceptPeer);
    if (reason === undefined) this.#open();
    else this.#end({ type: 'refused', reason });
  }

  #open(): void {
    const { hello, peer, tuning, counts } = this.#options;
    clearTimeout(this.#timeout);
    this.#pinger = setInterval(() => this.#ping(), tuning.pingIntervalMs);
    const forward = this.#channel.openForward();
    forward.write(encodeForwardOpening({ hello, to: peer }));
    this.#requests = new BoundedWriter(forward, tuning, counts);
    let greeted = false;
    this.#listen(forward, (frame) => {
      if (greeted) this.#onForwardReply(frame);
      else greeted = this.#decode(() => decodeForwardHello(frame)) !== undefined;
    });
    this.#ping();
    this.#handler.onOpen();
  }

  #onForwardReply(frame: Buffer): void {
    const responses = this.#decode(() => decodeResponses(frame));
    if (responses !== undefined) this.#handler.onResponses(responses);
  }

  /**
   * Missed pings are counted, not timed: after a stall of our own process one timer fires before the
   * pongs that have arrived are read, and that must not look like the peer's silence.
   */
  #ping(): void {
    if (this.#unansweredPings >= this.#options.tuning.unansweredPingsMax) {
      this.#end({ type: 'silent', reason: 'its pings are not answered' });
      return;
    }
    this.#unansweredPings += 1;
    this.#pings = (this.#pings % 0xffff_ffff) + 1;
    this.#options.contact.asked(this.#pings);
    this.#raft.write(encodePing(this.#pings));
  }

  #decode<T>(decode: () => T): T | undefined {
    try {
      return decode();
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      this.#end({ type: 'broken', reason: messageOf(error) });
      return undefined;
    }
  }

  #end(end: ConnectionEnd): void {
    if (this.#ended) return;
    this.close();
    this.#handler.onEnd(end);
  }
}

/**
 * Only what the peer's own words rule out is not taken as a loss: a process that dies can be seen as
 * any of UNAVAILABLE, CANCELLED, INTERNAL and UNKNOWN, by what of it is noticed first.
 */
function connectionEnd({ code, details }: StatusObject): ConnectionEnd {
  switch (code) {
    case status.FAILED_PRECONDITION:
      return { type: 'refused', reason: details };
    case status.INVALID_ARGUMENT:
    case status.RESOURCE_EXHAUSTED:
    case status.UNIMPLEMENTED:
    case status.DEADLINE_EXCEEDED:
    case status.ABORTED:
      return { type: 'broken', reason: details };
    default:
      return { type: 'lost', reason: details };
  }
}
