import {
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { MemberId } from '../ids.js';
import type { Logger } from '../logger.js';
import { BoundedWriter, type TrafficCounts } from './bounded-writer.js';
import {
  decodeOpening,
  decodeRaftFrame,
  decodeRequests,
  encodeHello,
  pongFrame,
  responseFrames,
} from './frames.js';
import { type AcceptPeer, type Opening, refuseOpening } from './hello.js';
import { encodeMembersAnswer } from './members-query.js';
import { receiveSnapshot, type SnapshotCall } from './snapshot-receiver.js';
import type { ForwardResponse, Hello, TransportHandler } from './transport.js';
import { messageOf, TransportError } from './transport-error.js';
import type { TransportTuning } from './tuning.js';

type Stream = ServerDuplexStream<Buffer, Buffer>;
type Call = Pick<Stream, 'getAuthContext' | 'getPeer'>;

export interface PeerServiceOptions {
  readonly hello: Hello;
  readonly acceptPeer: AcceptPeer;
  /** Why a certificate is not that of the peer; undefined when it is, or none is asked for. */
  readonly certificateFault: (remote: Hello, certificate: Buffer | undefined) => string | undefined;
  /** Called with the address and port of a dialler that is accepted. */
  readonly onAccepted: (address: string) => void;
  readonly countsOf: (peer: MemberId) => TrafficCounts;
  readonly handler: TransportHandler;
  readonly tuning: TransportTuning;
  readonly logger: Logger;
  readonly onPeerArrived: (peer: MemberId) => void;
  readonly onPeerSpoke: (peer: MemberId) => void;
  readonly onPeerLeft: (peer: MemberId) => void;
}

interface Replies {
  readonly stream: Stream;
  readonly writer: BoundedWriter;
  /** The highest format that the peer understands. */
  readonly versionMax: number;
}

/** The protocol of one kind of stream. */
interface Protocol {
  readonly streams: Map<MemberId, Replies>;
  readonly onFrame: (peer: MemberId, frame: Buffer, replies: Replies) => void;
}

/** The listening side: the streams that the peers have opened to us, at most one of a kind each. */
export class PeerService {
  readonly #options: PeerServiceOptions;
  readonly #control: Protocol;
  readonly #appends: Protocol;
  readonly #forward: Protocol;
  readonly #snapshots = new Map<MemberId, SnapshotCall>();
  readonly #reportedRefusals = new Map<MemberId, string>();

  constructor(options: PeerServiceOptions) {
    this.#options = options;
    const onFrame = (peer: MemberId, frame: Buffer, replies: Replies) =>
      this.#onRaftFrame(peer, frame, replies);
    this.#control = { onFrame, streams: new Map() };
    this.#appends = { onFrame, streams: new Map() };
    this.#forward = {
      streams: new Map(),
      onFrame: (peer, frame) => options.handler.onForwardRequests(peer, decodeRequests(frame)),
    };
  }

  get implementation(): UntypedServiceImplementation {
    return {
      Control: (stream: Stream) => this.#serve(stream, this.#control),
      Appends: (stream: Stream) => this.#serve(stream, this.#appends),
      Forward: (stream: Stream) => this.#serve(stream, this.#forward),
      Snapshot: (call: ServerReadableStream<Buffer, Buffer>, answer: sendUnaryData<Buffer>) =>
        receiveSnapshot(call, answer, {
          hello: this.#options.hello,
          handler: this.#options.handler,
          logger: this.#options.logger,
          stallTimeoutMs: this.#options.tuning.snapshotStallTimeoutMs,
          countsOf: this.#options.countsOf,
          refuse: (opening) => this.#refuse(opening, call),
          running: this.#snapshots,
        }),
      Members: (_call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
        const { hello, handler } = this.#options;
        const members = handler.members();
        answer(null, encodeMembersAnswer({ clusterId: hello.clusterId, members }));
      },
    };
  }

  respond(to: MemberId, responses: readonly ForwardResponse[]): void {
    const replies = this.#forward.streams.get(to);
    if (replies === undefined) {
      this.#options.countsOf(to).droppedMessages += responses.length;
      return;
    }
    for (const frame of responseFrames(responses, replies.versionMax)) replies.writer.offer(frame);
  }

  #serve(stream: Stream, protocol: Protocol): void {
    let peer: MemberId | undefined;
    let replies: Replies | undefined;
    const openingTimer = setTimeout(() => {
      fail(stream, status.DEADLINE_EXCEEDED, 'the opening did not come in time');
    }, this.#options.tuning.connectTimeoutMs);
    const left = () => {
      clearTimeout(openingTimer);
      if (peer === undefined || protocol.streams.get(peer)?.stream !== stream) return;
      protocol.streams.delete(peer);
      // Messages that a peer sent before its end may arrive after its control stream has ended.
      if (protocol !== this.#forward) this.#options.onPeerLeft(peer);
    };
    stream.on('data', (frame: Buffer) => {
      if (stream.writableEnded || stream.destroyed) return;
      orFail(stream, () => {
        if (peer !== undefined && replies !== undefined) {
          this.#options.countsOf(peer).receivedBytes += frame.byteLength;
          protocol.onFrame(peer, frame, replies);
          return;
        }
        clearTimeout(openingTimer);
        const opening = decodeOpening(frame);
        peer = this.#accept(stream, opening);
        if (peer !== undefined) replies = this.#register(stream, opening.hello, protocol);
      });
    });
    stream.on('end', () => stream.end());
    stream.on('cancelled', left);
    stream.on('close', left);
  }

  /**
   * A peer that connects again has given up its older streams, which may not have ended here yet.
   */
  #register(stream: Stream, opened: Hello, protocol: Protocol): Replies {
    const { memberId: peer, formats } = opened;
    const { tuning, countsOf, onPeerArrived } = this.#options;
    const older = protocol.streams.get(peer);
    const writer = new BoundedWriter(stream, tuning, countsOf(peer));
    const replies = { stream, writer, versionMax: formats.highest };
    protocol.streams.set(peer, replies);
    if (older !== undefined) fail(older.stream, status.ABORTED, 'replaced by a newer stream');
    stream.write(encodeHello(this.#options.hello));
    if (protocol === this.#control) onPeerArrived(peer);
    return replies;
  }

  #accept(stream: Stream, opening: Opening): MemberId | undefined {
    const reason = this.#refuse(opening, stream);
    if (reason === undefined) return opening.hello.memberId;
    const { memberId, clusterId } = opening.hello;
    const { hello, handler } = this.#options;
    // A cluster that was restored has the ids of its members from the old one.
    const isRemoved = clusterId === hello.clusterId && handler.isRemoved(memberId);
    fail(stream, isRemoved ? status.NOT_FOUND : status.FAILED_PRECONDITION, reason);
    return undefined;
  }

  #refuse(opening: Opening, call: Call): string | undefined {
    const { hello, acceptPeer, certificateFault, handler } = this.#options;
    const peer = opening.hello.memberId;
    const certificate = call.getAuthContext().sslPeerCertificate?.raw;
    const accept: AcceptPeer = (remote) =>
      certificateFault(remote, certificate) ?? acceptPeer(remote);
    const reason = refuseOpening(hello, opening, accept);
    if (reason === undefined) {
      this.#options.onAccepted(call.getPeer());
      this.#reportedRefusals.delete(peer);
    } else if (this.#reportedRefusals.get(peer) !== reason) {
      this.#rememberRefusal(peer, reason);
      handler.onRefused(peer, { by: 'self', reason });
    }
    return reason;
  }

  /** There may be any number of strangers, so only the latest are remembered. */
  #rememberRefusal(peer: MemberId, reason: string): void {
    const [oldest] = this.#reportedRefusals.keys();
    if (oldest !== undefined && this.#reportedRefusals.size >= 64) {
      this.#reportedRefusals.delete(oldest);
    }
    this.#reportedRefusals.set(peer, reason);
  }

  #onRaftFrame(peer: MemberId, bytes: Buffer, replies: Replies): void {
    const { hello, handler, onPeerSpoke } = this.#options;
    const frame = decodeRaftFrame(bytes, peer, hello.memberId);
    if (frame.type === 'ping') {
      replies.writer.offer(pongFrame(frame.ping, handler.memberStatus(), replies.versionMax));
      return;
    }
    onPeerSpoke(peer);
    handler.onMessages(peer, frame.messages);
  }
}

/** A peer's input can end its stream and no more; faults of our own are not caught here. */
function orFail(stream: Stream, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof TransportError) || error.code !== 'malformed') throw error;
    fail(stream, status.INVALID_ARGUMENT, messageOf(error));
  }
}

/** grpc-js ends a server stream with a status by an error event. */
function fail(stream: Stream, code: status, details: string): void {
  stream.emit('error', { code, details });
}
