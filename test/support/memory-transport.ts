import { assert } from '../../src/assert.js';
import type { MemberId } from '../../src/ids.js';
import type { InstallSnapshotRequest, Message } from '../../src/raft/messages.js';
import { requestBytes, responseBytes } from '../../src/transport/forward-format.js';
import { type AcceptPeer, refuseAnswer, refuseOpening } from '../../src/transport/hello.js';
import { messageBytes } from '../../src/transport/message-format.js';
import { OutgoingSnapshots } from '../../src/transport/outgoing-snapshots.js';
import { sortTraffic } from '../../src/transport/traffic.js';
import type {
  ForwardRequest,
  ForwardResponse,
  Hello,
  Transport,
  TransportHandler,
} from '../../src/transport/transport.js';
import { TransportError } from '../../src/transport/transport-error.js';
import type { PeerContact, PeerRefusal } from '../../src/view/peer-contact.js';
import type { PeerTraffic } from '../../src/view/peer-traffic.js';
import type { Endpoint, MemoryNetwork } from './memory-network.js';
import { streamSnapshot } from './memory-snapshot.js';

export interface MemoryTransportOptions {
  readonly network: MemoryNetwork;
  readonly hello: Hello;
  /** The other members. */
  readonly peers: readonly MemberId[];
}

/** Who is no peer is not dialled for ever. */
const strangerMissesMax = 20;

/** The dialled connection to one peer. */
interface Dialled {
  readonly peer: MemberId;
  /** The run of the peer's process that is connected; undefined while there is none. */
  target: Endpoint | undefined;
  silentMs: number;
  /** How often in a row it was found without a connection. */
  missed: number;
  seenAlive: boolean;
  reportedRefusal: string | undefined;
}

/** The transport of one run of a simulated member. A restarted member has a new one. */
export class MemoryTransport implements Transport, Endpoint {
  readonly hello: Hello;
  readonly #network: MemoryNetwork;
  readonly #dialled = new Map<MemberId, Dialled>();
  readonly #life = new AbortController();
  readonly #outgoing = new OutgoingSnapshots();
  #handler: TransportHandler | undefined;
  #peers: readonly MemberId[];
  #droppedMessages = 0;

  constructor(options: MemoryTransportOptions) {
    this.#network = options.network;
    this.#peers = options.peers;
    this.hello = options.hello;
  }

  get life(): AbortSignal {
    return this.#life.signal;
  }

  get droppedMessages(): number {
    return this.#droppedMessages;
  }

  get handler(): TransportHandler {
    assert(this.#handler !== undefined, 'the transport is not started');
    return this.#handler;
  }

  start(handler: TransportHandler): Promise<void> {
    assert(this.#handler === undefined, 'a transport starts once');
    this.#handler = handler;
    this.#network.attach(this);
    for (const peer of this.#peers) this.#add(peer);
    return Promise.resolve();
  }

  /**
   * These are the peers from now on. A connection to any other lasts as long as it does.
   */
  follow(peers: readonly MemberId[]): void {
    this.#peers = peers.filter((peer) => peer !== this.hello.memberId);
    if (this.#handler !== undefined) for (const peer of this.#peers) this.#add(peer);
  }

  #add(peer: MemberId): void {
    if (this.#dialled.has(peer)) return;
    const dialled: Dialled = {
      peer,
      target: undefined,
      silentMs: 0,
      missed: 0,
      seenAlive: false,
      reportedRefusal: undefined,
    };
    this.#dialled.set(peer, dialled);
    this.#maintainConnection(dialled);
  }

  send(to: MemberId, messages: readonly Message[]): void {
    const target = this.#dialled.get(to)?.target;
    const deliver = (peer: TransportHandler, batch: readonly Message[]) =>
      peer.onMessages(this.hello.memberId, batch);
    const { control, appends } = sortTraffic(messages);
    this.#carry('control', target, control, messageBytes, deliver);
    this.#carry('bulk', target, appends, messageBytes, deliver);
  }

  forward(to: MemberId, requests: readonly ForwardRequest[]): void {
    const target = this.#dialled.get(to)?.target;
    this.#carry('bulk', target, requests, requestBytes, (peer, batch) =>
      peer.onForwardRequests(this.hello.memberId, batch),
    );
  }

  respond(to: MemberId, responses: readonly ForwardResponse[]): void {
    const asker = this.#network.running(to);
    const target = asker?.isConnectedTo(this) === true ? asker : undefined;
    this.#carry('bulk', target, responses, responseBytes, (peer, batch) =>
      peer.onForwardResponses(this.hello.memberId, batch),
    );
  }

  async sendSnapshot(
    request: InstallSnapshotRequest,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    if (!this.#dialled.has(request.to)) {
      throw new TransportError('unknownPeer', `no address of ${request.to}`);
    }
    this.life.throwIfAborted();
    await this.#outgoing.run(request.to, (over) =>
      streamSnapshot(this.#network, this, request, chunks, over),
    );
  }

  /** Nobody pings here: connections are all that is known. */
  /** Nobody measures a simulated network. */
  traffic(): ReadonlyMap<MemberId, PeerTraffic> {
    return new Map();
  }

  contacts(): ReadonlyMap<MemberId, PeerContact> {
    const entries = [...this.#dialled.values()].map(
      ({ peer, target }) =>
        [
          peer,
          {
            reachable: target !== undefined,
            silentMs: undefined,
            roundTripMs: undefined,
            status: undefined,
            fault: undefined,
            refusal: undefined,
          },
        ] as const,
    );
    return new Map(entries);
  }

  close(): Promise<void> {
    this.crash();
    return Promise.resolve();
  }

  /** From now on nothing is delivered to this run, nor sent by it. */
  crash(): void {
    if (this.#life.signal.aborted) return;
    this.#life.abort(new TransportError('closed', 'the transport was closed'));
    this.#network.detach(this);
  }

  isConnectedTo(target: Endpoint): boolean {
    return this.#dialled.get(target.hello.memberId)?.target === target;
  }

  refuse(from: Hello, to: MemberId): string | undefined {
    const reason = refuseOpening(this.hello, { hello: from, to }, this.acceptPeer);
    if (reason !== undefined) this.handler.onRefused(from.memberId, { by: 'self', reason });
    // Whoever leads is answered, also while the own log does not know it yet (thesis, section 4.1).
    else this.#add(from.memberId);
    return reason;
  }

  readonly acceptPeer: AcceptPeer = (hello) => this.handler.peerRefusal(hello);

  targetEnded(target: Endpoint): void {
    const dialled = this.#dialled.get(target.hello.memberId);
    if (dialled?.target === target) this.#lose(dialled);
  }

  connectionLost(peer: MemberId): void {
    const dialled = this.#dialled.get(peer);
    if (dialled?.target !== undefined) this.#lose(dialled);
  }

  #carry<T>(
    connection: 'control' | 'bulk',
    target: Endpoint | undefined,
    batch: readonly T[],
    bytesOf: (item: T) => number,
    deliver: (handler: TransportHandler, batch: readonly T[]) => void,
  ): void {
    if (this.life.aborted || batch.length === 0) return;
    const carried =
      target !== undefined &&
      this.#network.carry({
        from: this.hello.memberId,
        to: target.hello.memberId,
        connection,
        batch,
        bytesOf,
        deliver: (arrived) => {
          if (!target.life.aborted) deliver(target.handler, arrived);
        },
      });
    if (!carried) this.#droppedMessages += batch.length;
  }

  /** Repeats for each peer: connects, or finds out that the connection has ended. */
  #maintainConnection(dialled: Dialled): void {
    if (this.life.aborted) return;
    dialled.missed = dialled.target === undefined ? dialled.missed + 1 : 0;
    if (dialled.missed > strangerMissesMax && !this.#peers.includes(dialled.peer)) {
      this.#dialled.delete(dialled.peer);
      return;
    }
    this.#network.options.schedule(this.#network.options.reconnectDelayMs, () =>
      this.#maintainConnection(dialled),
    );
    const { reconnectDelayMs, silenceTimeoutMs } = this.#network.options;
    if (this.#network.isCut(this.hello.memberId, dialled.peer)) {
      dialled.silentMs += reconnectDelayMs;
      if (dialled.silentMs >= silenceTimeoutMs) dialled.target = undefined;
      return;
    }
    dialled.silentMs = 0;
    if (dialled.target === undefined) this.#dial(dialled);
    else if (dialled.target.life.aborted) this.#lose(dialled);
  }

  #dial(dialled: Dialled): void {
    const self = this.hello.memberId;
    this.#network.travel(self, dialled.peer, () => {
      const target = this.#network.running(dialled.peer);
      const reason = target?.refuse(this.hello, dialled.peer);
      this.#network.travel(dialled.peer, self, () => {
        if (this.life.aborted || dialled.target !== undefined) return;
        if (target === undefined || target.life.aborted) this.#lose(dialled);
        else if (reason !== undefined) this.#onRefused(dialled, { by: 'peer', reason });
        else this.#connect(dialled, target);
      });
    });
  }

  #connect(dialled: Dialled, target: Endpoint): void {
    const reason = refuseAnswer(this.hello, dialled.peer, target.hello, this.acceptPeer);
    if (reason !== undefined) {
      this.#onRefused(dialled, { by: 'self', reason });
      return;
    }
    dialled.target = target;
    dialled.seenAlive = true;
    dialled.reportedRefusal = undefined;
    this.handler.onPeerConnected(dialled.peer);
  }

  #lose(dialled: Dialled): void {
    dialled.target = undefined;
    if (this.life.aborted || !dialled.seenAlive) return;
    dialled.seenAlive = false;
    this.handler.onPeerLost(dialled.peer);
  }

  #onRefused(dialled: Dialled, refusal: PeerRefusal): void {
    if (dialled.reportedRefusal === refusal.reason) return;
    dialled.reportedRefusal = refusal.reason;
    this.handler.onRefused(dialled.peer, refusal);
  }
}
