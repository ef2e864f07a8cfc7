import type { Logger } from '../logger.js';
import type { Message } from '../raft/messages.js';
import { addressText } from './channel.js';
import { Connection } from './connection.js';
import type { ConnectionEnd, RefusedConnection } from './connection-end.js';
import type { ConnectionOptions } from './connection-options.js';
import type { ForwardRequest, TransportHandler } from './transport.js';

/** The dialling side of one peer: it keeps one connection open, and dials again after its end. */
export class PeerLink {
  readonly #options: ConnectionOptions;
  readonly #handler: TransportHandler;
  readonly #logger: Logger;
  #connection: Connection | undefined;
  #openedAt: number | undefined;
  #retry: NodeJS.Timeout | undefined;
  #delayMs: number;
  /** Whether the peer was reached, or has reached us, since it was last reported as lost. */
  #seenAlive = false;
  #nobodyAnswered = false;
  #reportedRefusal: string | undefined;
  #closed = false;

  constructor(options: ConnectionOptions, handler: TransportHandler, logger: Logger) {
    this.#options = options;
    this.#handler = handler;
    this.#logger = logger;
    this.#delayMs = options.tuning.reconnectDelayMs;
  }

  get isOpen(): boolean {
    return this.#connection?.isOpen === true;
  }

  dial(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    if (this.#closed || this.#connection !== undefined) return;
    this.#connection = new Connection(this.#options, {
      onOpen: () => this.#onOpen(),
      onResponses: (responses) => this.#handler.onForwardResponses(this.#options.peer, responses),
      onEnd: (end) => this.#onEnd(end),
    });
  }

  send(messages: readonly Message[]): void {
    if (this.isOpen) this.#connection?.send(messages);
    else this.#options.counts.droppedMessages += messages.length;
  }

  forward(requests: readonly ForwardRequest[]): void {
    if (this.isOpen) this.#connection?.forward(requests);
    else this.#options.counts.droppedMessages += requests.length;
  }

  /** The peer has opened a connection to us, so it is alive, and is dialled at once. */
  onPeerArrived(): void {
    this.#seenAlive = true;
    this.#dialSooner();
  }

  /** A message that was in flight when our connection ended can make the peer seem alive again. */
  onPeerSpoke(): void {
    this.#seenAlive = true;
  }

  /**
   * The peer's own connection to us has ended: dialling it at once shows whether its process is
   * gone.
   */
  onPeerLeft(): void {
    this.#dialSooner();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#connection?.close();
    this.#connection = undefined;
  }

  /** Not after a refusal: two peers that refuse each other would then dial without a pause. */
  #dialSooner(): void {
    if (this.#retry !== undefined && this.#nobodyAnswered) this.dial();
  }

  #onOpen(): void {
    this.#seenAlive = true;
    this.#reportedRefusal = undefined;
    this.#openedAt = performance.now();
    this.#options.contact.opened();
    this.#logger.debug(this.#fields(), 'connected to peer');
    this.#handler.onPeerConnected(this.#options.peer);
  }

  #onEnd(end: ConnectionEnd): void {
    const { tuning, peer, contact, counts } = this.#options;
    this.#connection = undefined;
    counts.failedConnections += 1;
    contact.ended(end);
    if (this.#lifetimeMs() > tuning.connectTimeoutMs) this.#delayMs = tuning.reconnectDelayMs;
    this.#openedAt = undefined;
    this.#nobodyAnswered = end.type === 'lost' || end.type === 'silent';
    this.#retry = setTimeout(() => this.dial(), this.#pauseMs(end));
    this.#logger.debug({ ...this.#fields(), ...end }, 'connection to peer ended');
    if (end.type === 'refused') this.#onRefused(end);
    if (end.type === 'lost' && this.#seenAlive) {
      this.#seenAlive = false;
      this.#handler.onPeerLost(peer);
    }
  }

  #onRefused({ type: _type, ...refusal }: RefusedConnection): void {
    if (this.#reportedRefusal === refusal.reason) return;
    this.#reportedRefusal = refusal.reason;
    this.#handler.onRefused(this.#options.peer, refusal);
  }

  /** Jitter keeps members from dialling in step after a fault that hit all of them. */
  #pauseMs(end: ConnectionEnd): number {
    const { refusedDelayMs, reconnectDelayMaxMs } = this.#options.tuning;
    const delayMs = end.type === 'refused' ? refusedDelayMs : this.#delayMs;
    this.#delayMs = Math.min(2 * this.#delayMs, reconnectDelayMaxMs);
    return delayMs * (0.75 + Math.random() / 2);
  }

  #lifetimeMs(): number {
    return this.#openedAt === undefined ? 0 : performance.now() - this.#openedAt;
  }

  #fields(): object {
    return { peer: this.#options.peer, address: addressText(this.#options.address) };
  }
}
