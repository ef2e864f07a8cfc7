import { BoundedWriter } from './bounded-writer.js';
import type { Channel } from './channel.js';
import type { ConnectionEnd } from './connection-end.js';
import type { ConnectionOptions } from './connection-options.js';
import { type DialledStream, listen } from './dialled-stream.js';
import {
  decodeHello,
  decodePong,
  encodeOpening,
  encodePing,
  messageFrames,
  type Pong,
} from './frames.js';
import { refuseAnswer } from './hello.js';
import type { StreamedMessage } from './message-format.js';

export interface RaftStreamHandler {
  /** @param versionMax the highest format that the peer understands. */
  onOpen(versionMax: number): void;
  onPing(ping: number): void;
  onPong(pong: Pong): void;
  /** Called once, as the last call. Not called when the owner closes the stream. */
  onEnd(end: ConnectionEnd): void;
}

/**
 * One dialled stream of Raft messages on its TCP connection, and the pings that tell whether it is
 * silent.
 */
export class RaftStream {
  readonly #options: ConnectionOptions;
  readonly #handler: RaftStreamHandler;
  readonly #channel: Channel;
  readonly #stream: DialledStream;
  readonly #writer: BoundedWriter;
  readonly #timeout: NodeJS.Timeout;
  #pinger: NodeJS.Timeout | undefined;
  #pings = 0;
  #unansweredPings = 0;
  #bytesLeft = 0;
  #ended = false;

  constructor(
    options: ConnectionOptions,
    channel: Channel,
    stream: DialledStream,
    handler: RaftStreamHandler,
  ) {
    this.#options = options;
    this.#handler = handler;
    this.#channel = channel;
    this.#stream = stream;
    this.#writer = new BoundedWriter(stream, options.tuning, options.counts);
    this.#timeout = setTimeout(
      () => this.#end({ type: 'silent', reason: 'it was not answered in time' }),
      options.tuning.connectTimeoutMs,
    );
    listen(
      stream,
      (frame) => this.#onFrame(frame),
      (end) => this.#end(end),
    );
    stream.write(encodeOpening({ hello: options.hello, to: options.peer }));
  }

  send(messages: readonly StreamedMessage[], versionMax: number): void {
    for (const frame of messageFrames(messages, versionMax)) this.#writer.offer(frame);
  }

  /** Something was received from the peer on the same TCP connection. */
  heard(): void {
    this.#unansweredPings = 0;
  }

  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timeout);
    clearInterval(this.#pinger);
    this.#stream.cancel();
  }

  #onFrame(frame: Buffer): void {
    if (this.#ended) return;
    this.#options.counts.receivedBytes += frame.byteLength;
    this.heard();
    if (this.#pinger !== undefined) {
      this.#handler.onPong(decodePong(frame));
      return;
    }
    const { hello, peer, acceptPeer } = this.#options;
    const answer = decodeHello(frame);
    const reason = refuseAnswer(hello, peer, answer, acceptPeer);
    if (reason === undefined) this.#open(answer.formats.highest);
    else this.#end({ type: 'refused', by: 'self', reason });
  }

  #open(versionMax: number): void {
    clearTimeout(this.#timeout);
    this.#pinger = setInterval(() => this.#ping(versionMax), this.#options.tuning.pingIntervalMs);
    this.#ping(versionMax);
    this.#handler.onOpen(versionMax);
  }

  /**
   * Missed pings are counted, not timed: after a stall of our own process a timer fires before the
   * pongs that have arrived are read, and must not take that for the peer's silence.
   */
  #ping(versionMax: number): void {
    if (this.#hasMoved()) this.heard();
    if (this.#unansweredPings >= this.#options.tuning.unansweredPingsMax) {
      this.#end({ type: 'silent', reason: 'its pings are not answered' });
      return;
    }
    this.#unansweredPings += 1;
    this.#pings = (this.#pings % 0xffff_ffff) + 1;
    this.#handler.onPing(this.#pings);
    this.#stream.write(encodePing(this.#pings, versionMax));
  }

  /**
   * Whether bytes have left since the last ping while others waited all the time. HTTP/2 flow
   * control lets only as many leave as the peer has room for, so the peer reads them: a ping behind
   * them is late, not lost.
   */
  #hasMoved(): boolean {
    const before = this.#bytesLeft;
    this.#bytesLeft = this.#channel.bytesWritten;
    return this.#writer.hasBeenBusy() && this.#bytesLeft > before;
  }

  #end(end: ConnectionEnd): void {
    if (this.#ended) return;
    this.close();
    this.#handler.onEnd(end);
  }
}
