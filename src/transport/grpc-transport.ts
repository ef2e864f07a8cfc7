import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from '@grpc/grpc-js';
import { assert } from '../assert.js';
import { ConnectionLimit } from '../descriptors/connection-limit.js';
import type { MemberId } from '../ids.js';
import type { Logger } from '../logger.js';
import type { InstallSnapshotRequest, Message } from '../raft/messages.js';
import type { PeerSecurity } from '../tls/peer-security.js';
import type { PeerContact } from '../view/peer-contact.js';
import type { PeerTraffic } from '../view/peer-traffic.js';
import type { TrafficCounts } from './bounded-writer.js';
import { type Address, addressText, hostnameOf } from './channel.js';
import type { ConnectionOptions } from './connection-options.js';
import { Contact } from './contact.js';
import { frameBytesMax } from './frames.js';
import type { AcceptPeer } from './hello.js';
import { OutgoingSnapshots } from './outgoing-snapshots.js';
import { addressOf } from './peer-address.js';
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
  /** Undefined: members do not speak TLS. */
  readonly security?: PeerSecurity | undefined;
  readonly logger: Logger;
  readonly tuning?: Partial<TransportTuning>;
}

/** The members' own gRPC service and one connection to each of the others. */
export class GrpcTransport implements Transport {
  readonly #options: GrpcTransportOptions;
  readonly #tuning: TransportTuning;
  readonly #server: Server;
  readonly #listener: PeerListener;
  readonly #peers = new Map<MemberId, Peer>();
  /** Those that are to be connected; the others are let go. */
  #followed: ReadonlySet<MemberId>;
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
    this.#listener = new PeerListener({
      limit,
      security: options.security,
      // Half of all, so that no address takes the place of the others.
      strangersMax: Math.ceil(options.incomingConnectionsMax / 2),
      logger: options.logger,
      onConnection: (socket) => incoming.injectConnection(socket),
    });
    this.#followed = new Set(options.peers.keys());
    for (const [peer, address] of options.peers) this.#peers.set(peer, newPeer(address));
  }

  async start(handler: TransportHandler): Promise<void> {
    assert(this.#handler === undefined, 'a transport starts once');
    this.#handler = handler;
    const { hello, logger } = this.#options;
    this.#service = new PeerService({
      hello,
      acceptPeer: this.#acceptPeer,
      certificateFault: (remote, raw) => this.#certificateFault(remote, raw),
      onAccepted: (address) => this.#listener.onAccepted(address),
      countsOf: (peer) => this.#countsOf(peer),
      handler,
      tuning: this.#tuning,
      logger,
      onPeerArrived: (peer) => this.#peers.get(peer)?.link?.onPeerArrived(),
      onPeerSpoke: (peer) => this.#peers.get(peer)?.link?.onPeerSpoke(),
      onPeerLeft: (peer) => this.#peers.get(peer)?.link?.onPeerLeft(),
    });
    this.#server.addService(peerService, this.#service.implementation);
    await this.#listener.listen(this.#options.listen);
    if (this.#closing !== undefined) throw new TransportError('closed', 'closed while starting');
    for (const id of this.#peers.keys()) this.#connect(id);
  }

  /**
   * These are the peers from now on. One whose address changes is dialled there. One that is no
   * peer any more is let go after a while: the last that it is sent tells it why.
   */
  follow(addresses: ReadonlyMap<MemberId, Address>): void {
    const { memberId } = this.#options.hello;
    this.#followed = new Set(addresses.keys());
    for (const [id, address] of addresses) {
      if (id === memberId) continue;
      const known = this.#peers.get(id);
      if (known === undefined) this.#peers.set(id, newPeer(address));
      else if (!isSame(known.address, address)) this.#move(known, address);
      this.#connect(id);
    }
    for (const id of this.#peers.keys()) if (!this.#followed.has(id)) this.#letGoLater(id);
  }

  #connect(id: MemberId): void {
    const peer = this.#peers.get(id);
    if (peer === undefined || peer.link !== undefined || this.#closing !== undefined) return;
    if (this.#handler === undefined || this.#service === undefined) return;
    const { logger } = this.#options;
    peer.link = new PeerLink(this.#connectionOptions(id), this.#handler, logger);
    peer.link.dial();
  }

  #move(peer: Peer, address: Address): void {
    peer.address = address;
    peer.link?.close();
    peer.link = undefined;
  }

  #letGoLater(id: MemberId): void {
    const peer = this.#peers.get(id);
    if (peer === undefined || peer.letGo !== undefined) return;
    peer.letGo = setTimeout(() => {
      peer.letGo = undefined;
      if (this.#followed.has(id) || this.#peers.get(id) !== peer) return;
      const isRemoved = this.#handler?.isRemoved(id) === true;
      if (peer.link?.isOpen === true && !isRemoved) {
        this.#letGoLater(id);
        return;
      }
      peer.link?.close();
      this.#peers.delete(id);
    }, this.#tuning.letGoMs).unref();
  }

  send(to: MemberId, messages: readonly Message[]): void {
    this.#peers.get(to)?.link?.send(messages);
  }

  forward(to: MemberId, requests: readonly ForwardRequest[]): void {
    this.#peers.get(to)?.link?.forward(requests);
  }

  respond(to: MemberId, responses: readonly ForwardResponse[]): void {
    if (this.#peers.has(to)) this.#service?.respond(to, responses);
  }

  async sendSnapshot(
    request: InstallSnapshotRequest,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const options = this.#connectionOptions(request.to);
    if (this.#closing !== undefined) throw this.#closing;
    await this.#outgoing.run(request.to, (over) => sendSnapshot(options, request, chunks, over));
  }

  traffic(): ReadonlyMap<MemberId, PeerTraffic> {
    const entries = [...this.#peers].map(([peer, { contact, counts }]) => {
      const { sentBytes, receivedBytes, droppedMessages, failedConnections } = counts;
      const failures = droppedMessages + failedConnections;
      const roundTrips = contact.roundTrips();
      return [peer, { sentBytes, receivedBytes, failures, roundTrips }] as const;
    });
    return new Map(entries);
  }

  contacts(): ReadonlyMap<MemberId, PeerContact> {
    const { pingIntervalMs, unansweredPingsMax } = this.#tuning;
    const timeoutMs = pingIntervalMs * unansweredPingsMax;
    const entries = [...this.#peers].map(
      ([peer, { contact, link }]) =>
        [peer, contact.describe(link?.isOpen === true, timeoutMs)] as const,
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
    for (const { link, letGo } of this.#peers.values()) {
      link?.close();
      clearTimeout(letGo);
    }
    const closed = this.#listener.close();
    this.#server.forceShutdown();
    await closed;
  }

  readonly #acceptPeer: AcceptPeer = (hello) => {
    const { memberId, peerUrl } = hello;
    assert(this.#handler !== undefined, 'nobody is connected before the start');
    const refusal = this.#handler.peerRefusal(hello);
    if (refusal !== undefined || this.#peers.has(memberId)) return refusal;
    const address = peerUrl === undefined ? undefined : addressOf(peerUrl);
    if (address === undefined) return 'it is not a member of this cluster';
    // Whoever leads is answered, also while the own log does not know it yet (thesis, section 4.1).
    this.#peers.set(memberId, newPeer(address));
    this.#connect(memberId);
    this.#letGoLater(memberId);
    return undefined;
  };

  /** Nothing is asked of a stranger, who is refused in any case. */
  #certificateFault({ memberId, peerUrl }: Hello, raw: Buffer | undefined): string | undefined {
    const { security } = this.#options;
    const address = this.#peers.get(memberId)?.address ?? (peerUrl && addressOf(peerUrl));
    if (security === undefined || !address) return undefined;
    return security.nameFault(hostnameOf(address), raw);
  }

  #connectionOptions(id: MemberId): ConnectionOptions {
    const peer = this.#peers.get(id);
    if (peer === undefined) throw new TransportError('unknownPeer', `no address of ${id}`);
    const { address, counts, contact } = peer;
    return {
      ...{ address, counts, contact, peer: id },
      hello: this.#options.hello,
      acceptPeer: this.#acceptPeer,
      tuning: this.#tuning,
      handshake: this.#options.security?.dialler(hostnameOf(address)),
    };
  }

  /** One that was let go may still have a stream open, whose counts nobody sees. */
  #countsOf(id: MemberId): TrafficCounts {
    return this.#peers.get(id)?.counts ?? noCounts();
  }
}

interface Peer {
  address: Address;
  readonly counts: TrafficCounts;
  readonly contact: Contact;
  link: PeerLink | undefined;
  letGo: NodeJS.Timeout | undefined;
}

function newPeer(address: Address): Peer {
  const contact = new Contact();
  return { address, counts: noCounts(), contact, link: undefined, letGo: undefined };
}

function noCounts(): TrafficCounts {
  return { sentBytes: 0, receivedBytes: 0, droppedMessages: 0, failedConnections: 0 };
}

function isSame(one: Address, other: Address): boolean {
  return addressText(one) === addressText(other) && hostnameOf(one) === hostnameOf(other);
}
