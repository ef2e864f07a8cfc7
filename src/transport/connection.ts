import type { Message } from '../raft/messages.js';
import { BoundedWriter } from './bounded-writer.js';
import { Channel } from './channel.js';
import type { ConnectionEnd } from './connection-end.js';
import type { ConnectionOptions } from './connection-options.js';
import { listen } from './dialled-stream.js';
import { decodeHello, decodeResponses, encodeOpening, requestFrames } from './frames.js';
import { RaftStream } from './raft-stream.js';
import { sortTraffic } from './traffic.js';
import type { ForwardRequest, ForwardResponse } from './transport.js';

export interface ConnectionHandler {
  onOpen(): void;
  onResponses(responses: readonly ForwardResponse[]): void;
  /** Called once, as the last call. Not called when the owner closes the connection. */
  onEnd(end: ConnectionEnd): void;
}

/** The streams that are open once the control stream is answered. */
interface Bulk {
  readonly channel: Channel;
  readonly appends: RaftStream;
  readonly requests: BoundedWriter;
  /** The highest format that the peer understands. */
  readonly versionMax: number;
}

/**
 * The dialled connection to one peer: a TCP connection for control messages, and another one
 * for entries and forwarded requests, which may be large. They share no socket buffer, so that no
 * heartbeat waits behind an entry. The end of either ends both. It is never dialled again.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #handler: ConnectionHandler;
  readonly #channel: Channel;
  readonly #control: RaftStream;
  #bulk: Bulk | undefined;
  #ended = false;

  constructor(options: ConnectionOptions, handler: ConnectionHandler) {
    const { contact, address, handshake } = options;
    this.#options = options;
    this.#handler = handler;
    this.#channel = new Channel(address, handshake);
    this.#control = new RaftStream(options, this.#channel, this.#channel.openControl(), {
      onOpen: (versionMax) => this.#open(versionMax),
      onPing: (ping) => contact.asked(ping),
      onPong: (pong) => contact.answered(pong),
      onEnd: (end) => this.#end(end),
    });
  }

  get isOpen(): boolean {
    return this.#bulk !== undefined && !this.#ended;
  }

  send(messages: readonly Message[]): void {
    if (this.#bulk === undefined) return;
    const { versionMax } = this.#bulk;
    const { control, appends } = sortTraffic(messages);
    if (control.length > 0) this.#control.send(control, versionMax);
    if (appends.length > 0) this.#bulk.appends.send(appends, versionMax);
  }

  forward(requests: readonly ForwardRequest[]): void {
    if (this.#bulk === undefined) return;
    const { requests: writer, versionMax } = this.#bulk;
    for (const frame of requestFrames(requests, versionMax)) writer.offer(frame);
  }

  close(): void {
    this.#ended = true;
    this.#control.close();
    this.#channel.close();
    this.#bulk?.appends.close();
    this.#bulk?.channel.close();
  }

  #open(versionMax: number): void {
    const channel = new Channel(this.#options.address, this.#options.handshake);
    const appends = new RaftStream(this.#options, channel, channel.openAppends(), {
      onOpen: () => {},
      onPing: () => {},
      onPong: () => {},
      onEnd: (end) => this.#end(end),
    });
    this.#bulk = { channel, appends, requests: this.#openForward(channel, appends), versionMax };
    this.#handler.onOpen();
  }

  #openForward(channel: Channel, appends: RaftStream): BoundedWriter {
    const { hello, peer, tuning, counts } = this.#options;
    const stream = channel.openForward();
    let greeted = false;
    const onFrame = (frame: Buffer) => {
      if (this.#ended) return;
      counts.receivedBytes += frame.byteLength;
      appends.heard();
      if (greeted) this.#handler.onResponses(decodeResponses(frame));
      else decodeHello(frame);
      greeted = true;
    };
    listen(stream, onFrame, (end) => this.#end(end));
    stream.write(encodeOpening({ hello, to: peer }));
    return new BoundedWriter(stream, tuning, counts);
  }

  #end(end: ConnectionEnd): void {
    if (this.#ended) return;
    this.close();
    const refusal = this.#channel.refusal ?? this.#bulk?.channel.refusal;
    if (refusal === undefined) this.#handler.onEnd(end);
    else this.#handler.onEnd({ type: 'refused', by: refusal.by, reason: refusal.message });
  }
}
