import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from '@grpc/grpc-js';
import { assert } from '../assert.js';
import { ConnectionLimit } from '../descriptors/connection-limit.js';
import type { MemberId } from '../ids.js';
import type { Logger } from '../logger.js';
import type { InstallSnapshotRequest, Message } from '../raft/messages.js';
import type { PeerContact } from '../view/peer-contact.js';
import type { TrafficCounts } from './bounded-writer.js';
import type { Address } from './channel.js';
import type { ConnectionOptions } from './connection-options.js';
import { Contact } from './contact.js';
import { frameBytesMax } from './frames.js';
import type { AcceptPeer } from './hello.js';
import { OutgoingSnapshots } from './outgoing-snapshots.js';
import { PeerLink } from './peer-link.js';
import { PeerListener } from './peer-listener.js';
import { peerService } from './peer-methods.js';
import { PeerService } from './peer-service.js';
import { sendSnapshot } from './snapshot-sender.js';
import type {
  ForwardRequest,
  ForwardResponse,
  Hello,
  Transport,
  TransportHandler,
} from './transport.js';
import { TransportError } from './transport-error.js';
import { defaultTuning, type TransportTuning } from './tuning.js';

// grpc-js would print to the console what it also reports as an error, and our log has that.
if (process.env['GRPC_VERBOSITY'] === undefined) setLogVerbosity(logVerbosity.NONE);

export interface GrpcTransportOptions {
  readonly listen: Address;
  readonly hello: Hello;
  readonly peers: ReadonlyMap<MemberId, Address>;
  /** To the own address, of peers and others together. */
  readonly incomingConnectionsMax: number;
  readonly logger: Logger;
  readonly tuning?: Partial<TransportTuning>;
}

export interface PeerStatistics extends Readonly<TrafficCounts> {
  readonly connected: boolean;
}

/** The members' own gRPC service and one connection to each of the others. */
export class GrpcTransport implements Transport {
  readonly #options: GrpcTransportOptions;
  readonly #tuning: TransportTuning;
  readonly #server: Server;
  readonly #listener: PeerListener;
  readonly #links = new Map<MemberId, PeerLink>();
  readonly #counts = new Map<MemberId, TrafficCounts>();
  readonly #contacts = new Map<MemberId, Contact>();
  readonly #outgoing = new OutgoingSnapshots();
  #closing: TransportError | undefined;
  #handler: TransportHandler | undefined;
  #service: PeerService | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: GrpcTransportOptions) {
    this.#options = options;
    this.#tuning = { ...defaultTuning, ...options.tuning };
    this.#server = new Server({
      'grpc.max_receive_message_length': frameBytesMax,
      'grpc.max_send_message_length': frameBytesMax,
      'grpc.max_concurrent_streams': 16,
      // Without channelz, grpc-js does not know its sessions, and cannot shut them down.
      'grpc.enable_channelz': 1,
      // A dialler that vanished silently must not keep its streams here.
      'grpc.keepalive_time_ms': this.#tuning.pingIntervalMs * this.#tuning.unansweredPingsMax,
      'grpc.keepalive_timeout_ms': this.#tuning.pingIntervalMs * this.#tuning.unansweredPingsMax,
    });
    const incoming = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    const limit = new ConnectionLimit(options.incomingConnectionsMax, 'peers', options.logger);
    this.#listener = new PeerListener(limit, (socket) => incoming.injectConnection(socket));
    for (const peer of options.peers.keys()) {
      this.#counts.set(peer, { sentMessages: 0, droppedMessages: 0 });
      this.#contacts.set(peer, new Contact());
    }
  }

  async start(handler: TransportHandler): Promise<void> {
    assert(this.#handler === undefined, 'a transport starts once');
    this.#handler = handler;
    const { hello, logger } = this.#options;
    this.#service = new PeerService({
      hello,
      acceptPeer: this.#acceptPeer,
      countsOf: (peer) => this.#countsOf(peer),
      handler,
      tuning: this.#tuning,
      logger,
      onPeerArrived: (peer) => this.#links.get(peer)?.onPeerArrived(),
      onPeerSpoke: (peer) => this.#links.get(peer)?.onPeerSpoke(),
      onPeerLeft: (peer) => this.#links.get(peer)?.onPeerLeft(),
    });
    this.#server.addService(peerService, this.#service.implementation);
    await this.#listener.listen(this.#options.listen);
    if (this.#closing !== undefined) throw new TransportError('closed', 'closed while starting');
    for (const peer of this.#options.peers.keys()) {
      this.#links.set(peer, new PeerLink(this.#connectionOptions(peer), handler, logger));
    }
    for (const link of this.#links.values()) link.dial();
  }

  send(to: MemberId, messages: readonly Message[]): void {
    this.#links.get(to)?.send(messages);
  }

  forward(to: MemberId, requests: readonly ForwardRequest[]): void {
    this.#links.get(to)?.forward(requests);
  }

  respond(to: MemberId, responses: readonly ForwardResponse[]): void {
    this.#service?.respond(to, responses);
  }

  async sendSnapshot(
    request: InstallSnapshotRequest,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const options = this.#connectionOptions(request.to);
    if (this.#closing !== undefined) throw this.#closing;
    await this.#outgoing.run(request.to, (over) => sendSnapshot(options, request, chunks, over));
  }

  statistics(): ReadonlyMap<MemberId, PeerStatistics> {
    const entries = [...this.#counts].map(
      ([peer, counts]) =>
        [peer, { ...counts, connected: this.#links.get(peer)?.isOpen === true }] as const,
    );
    return new Map(entries);
  }

  contacts(): ReadonlyMap<MemberId, PeerContact> {
    const { pingIntervalMs, unansweredPingsMax } = this.#tuning;
    const timeoutMs = pingIntervalMs * unansweredPingsMax;
    const entries = [...this.#contacts].map(
      ([peer, contact]) =>
        [peer, contact.describe(this.#links.get(peer)?.isOpen === true, timeoutMs)] as const,
    );
    return new Map(entries);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing = new TransportError('closed', 'the transport was closed');
    this.#outgoing.endAll(this.#closing);
    for (const link of this.#links.values()) link.close();
    this.#listener.close();
    // `forceShutdown` closes everything at once, and `tryShutdown` resolves when all is closed.
    const shutDown = new Promise((resolve) => this.#server.tryShutdown(resolve));
    this.#server.forceShutdown();
    await shutDown;
  }

  readonly #acceptPeer: AcceptPeer = (hello) => {
    if (!this.#options.peers.has(hello.memberId)) return 'it is not a member of this cluster';
    assert(this.#handler !== undefined, 'nobody is connected before the start');
    return this.#handler.peerRefusal(hello);
  };

  #connectionOptions(peer: MemberId): ConnectionOptions {
    const address = this.#options.peers.get(peer);
    const contact = this.#contacts.get(peer);
    if (address === undefined || contact === undefined) {
      throw new TransportError('unknownPeer', `no address of ${peer}`);
    }
    return {
      address,
      peer,
      hello: this.#options.hello,
      acceptPeer: this.#acceptPeer,
      tuning: this.#tuning,
      counts: this.#countsOf(peer),
      contact,
    };
  }

  #countsOf(peer: MemberId): TrafficCounts {
    const counts = this.#counts.get(peer);
    assert(counts !== undefined, `${peer} is not a peer`);
    return counts;
  }
}
