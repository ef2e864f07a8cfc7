import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import {
  ChannelCredentials,
  type ChannelOptions,
  Client,
  type ClientDuplexStream,
  type ClientWritableStream,
  type requestCallback,
} from '@grpc/grpc-js';
import { PeerFault } from '../tls/peer-fault.js';
import { frameBytesMax } from './frames.js';
import { methodPaths, rawFrame } from './peer-methods.js';

export interface Address {
  readonly host: string;
  readonly port: number;
  /** As its URL names the host, for a certificate to name it, too. Absent: `host`. */
  readonly hostname?: string | undefined;
}

export function hostnameOf({ hostname, host }: Address): string {
  return hostname ?? host;
}

/** The address as in a URL, an IPv6 host in brackets. */
export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

type SecureConnector = ReturnType<ChannelCredentials['_createSecureConnector']>;

const channelOptions: ChannelOptions = {
  'grpc.max_receive_message_length': frameBytesMax,
  'grpc.max_send_message_length': frameBytesMax,
  // Each connection is dialled once, when its owner decides, and is not shared.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.initial_reconnect_backoff_ms': 60_000,
  'grpc.enable_retries': 0,
  // Even without retries, grpc-js reports up to this many bytes as sent before they are.
  'grpc.per_rpc_retry_buffer_size': 64 * 1024,
  'grpc.enable_channelz': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
};

/**
 * One TCP connection to a peer. It is dialled once: the owner decides when to dial again, and is
 * told of every end. grpc-js would redial with its own back-off, and report only that a call
 * failed.
 */
export class Channel {
  readonly #credentials: ClosingCredentials;
  readonly #client: Client;

  /** @param handshake undefined where members do not speak TLS. */
  constructor(address: Address, handshake?: Handshake) {
    this.#credentials = new ClosingCredentials(ChannelCredentials.createInsecure(), handshake);
    this.#client = new Client(`dns:${addressText(address)}`, this.#credentials, channelOptions);
  }

  /** The bytes given to the kernel so far. */
  get bytesWritten(): number {
    return this.#credentials.bytesWritten;
  }

  /** Who refused whom when hands were shaken; undefined if nobody did. */
  get refusal(): PeerFault | undefined {
    return this.#credentials.refusal;
  }

  openControl(): ClientDuplexStream<Buffer, Buffer> {
    return this.#client.makeBidiStreamRequest(methodPaths.control, rawFrame, rawFrame);
  }

  openAppends(): ClientDuplexStream<Buffer, Buffer> {
    return this.#client.makeBidiStreamRequest(methodPaths.appends, rawFrame, rawFrame);
  }

  openForward(): ClientDuplexStream<Buffer, Buffer> {
    return this.#client.makeBidiStreamRequest(methodPaths.forward, rawFrame, rawFrame);
  }

  openSnapshot(answered: requestCallback<Buffer>): ClientWritableStream<Buffer> {
    return this.#client.makeClientStreamRequest(methodPaths.snapshot, rawFrame, rawFrame, answered);
  }

  askForMembers(deadlineMs: number, answered: requestCallback<Buffer>): void {
    const options = { deadline: Date.now() + deadlineMs };
    const nothing = Buffer.alloc(0);
    this.#client.makeUnaryRequest(
      methodPaths.members,
      ...([rawFrame, rawFrame, nothing, options, answered] as const),
    );
  }

  close(): void {
    this.#client.close();
    this.#credentials.closeSockets();
  }
}

/** @throws {PeerFault} when one of the two refuses the other. */
export type Handshake = (socket: Socket) => Promise<TLSSocket>;

/**
 * Closing a grpc-js client leaves a socket behind when the HTTP/2 handshake is not answered, as by
 * a stopped process. The credentials are the only part of its interface that receives the socket.
 * So TLS begins here, too: grpc-js would not tell apart who refuses whom.
 */
class ClosingCredentials extends ChannelCredentials {
  readonly #inner: ChannelCredentials;
  readonly #handshake: Handshake | undefined;
  readonly #sockets = new Set<Socket>();
  #refusal: PeerFault | undefined;
  #closed = false;

  constructor(inner: ChannelCredentials, handshake: Handshake | undefined) {
    super();
    this.#inner = inner;
    this.#handshake = handshake;
  }

  get refusal(): PeerFault | undefined {
    return this.#refusal;
  }

  override _isSecure(): boolean {
    return this.#handshake !== undefined;
  }

  override _equals(other: ChannelCredentials): boolean {
    return other === this;
  }

  override _createSecureConnector(
    ...args: Parameters<ChannelCredentials['_createSecureConnector']>
  ): SecureConnector {
    const connector = this.#inner._createSecureConnector(...args);
    return {
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
      connect: async (socket) => {
        this.#own(socket);
        if (this.#handshake === undefined) return await connector.connect(socket);
        return { socket: await this.#secured(socket, this.#handshake), secure: true };
      },
    };
  }

  async #secured(socket: Socket, handshake: Handshake): Promise<TLSSocket> {
    try {
      return await handshake(socket);
    } catch (error) {
      if (error instanceof PeerFault) this.#refusal = error;
      socket.destroy();
      throw error;
    }
  }

  get bytesWritten(): number {
    let bytes = 0;
    for (const socket of this.#sockets) bytes += socket.bytesWritten;
    return bytes;
  }

  closeSockets(): void {
    this.#closed = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  #own(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#closed) socket.destroy();
  }
}
