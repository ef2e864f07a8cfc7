import type { MemberId } from '../../src/ids.js';
import type { Message } from '../../src/raft/messages.js';
import type { Hello, Transport, TransportHandler } from '../../src/transport/transport.js';
import { faultless, type LinkFaults, MemoryNetwork } from '../support/memory-network.js';
import { MemoryTransport } from '../support/memory-transport.js';
import type { Links } from './fault-injector.js';
import type { NetworkFaults } from './faults.js';
import type { Random } from './random.js';
import type { Scheduler } from './scheduler.js';

/**
 * Some times what the entries of a run need, so that the queue before such a link is felt and
 * drains.
 */
const slowLinkBytesPerSecond = 64 * 1024;
const slowLinkWaitingBytesMax = 64 * 1024;

/** Is told of the messages of one member, for the checks. */
export interface MessageObserver {
  /** Before it leaves. */
  onSend(message: Message): void;
  /** Before the member is told. */
  onReceived(message: Message): void;
  onPeerLost(peer: MemberId): void;
}

/** The transport of one boot, which is told who is to be connected. */
export type SimulatedTransport = Transport & Pick<MemoryTransport, 'follow'>;

/** The network of a run, whose messages are all observed. */
export class SimulatedNetwork implements Links {
  readonly #network: MemoryNetwork;
  readonly #memberIds: MemberId[];
  readonly #random: Random;
  readonly #faults: NetworkFaults;
  readonly #admitsRemoved: boolean;
  /** By link: how many faults keep it cut. */
  readonly #cuts = new Map<string, number>();
  readonly #scheduler: Scheduler;
  /**
   * After so long nothing is on its way any more that was sent before, but what chance holds back.
   */
  readonly #emptyAfterMs: number;

  constructor(
    scheduler: Scheduler,
    random: Random,
    faults: NetworkFaults,
    founders: readonly MemberId[],
    admitsRemoved: boolean,
  ) {
    this.#memberIds = [...founders];
    this.#random = random;
    this.#faults = faults;
    this.#admitsRemoved = admitsRemoved;
    this.#scheduler = scheduler;
    const usual = usualFaults(faults);
    this.#network = new MemoryNetwork({
      schedule: (delayMs, run) => scheduler.after(delayMs, run),
      random: random.float,
      faults: usual,
      inFlightMax: 4096,
      reconnectDelayMs: 50,
      silenceTimeoutMs: 2000,
    });
    this.#emptyAfterMs = faults.delayMsMax * faults.slowLinkFactor;
    for (const from of founders) for (const to of founders) this.#slowDown(from, to);
  }

  /**
   * About a third of all links, each in one direction: what is limited about them is limited here.
   */
  #slowDown(from: MemberId, to: MemberId): void {
    const { slowLinkFactor: factor } = this.#faults;
    if (factor <= 1 || from === to || !this.#random.chance(1 / 3)) return;
    const usual = usualFaults(this.#faults);
    this.#network.setFaults(from, to, {
      ...usual,
      delayMinMs: usual.delayMinMs * factor,
      delayMaxMs: usual.delayMaxMs * factor,
      bytesPerSecond: slowLinkBytesPerSecond,
      waitingBytesMax: slowLinkWaitingBytesMax,
    });
  }

  /** A machine that joins. Its links are as those of the others. */
  add(member: MemberId): void {
    for (const other of this.#memberIds) {
      this.#slowDown(member, other);
      this.#slowDown(other, member);
    }
    this.#memberIds.push(member);
  }

  /** @param peers whom it knows before its own log tells. */
  connect(hello: Hello, observer: MessageObserver, peers: readonly MemberId[]): SimulatedTransport {
    const others = peers.filter((id) => id !== hello.memberId);
    const transport = new MemoryTransport({ network: this.#network, hello, peers: others });
    const observed = observedTransport(transport, observer, this.#admitsRemoved);
    return { ...observed, follow: (members) => transport.follow(members) };
  }

  crash(member: MemberId): void {
    this.#network.crash(member);
  }

  cut(from: MemberId, to: MemberId): void {
    const key = `${from}>${to}`;
    this.#cuts.set(key, (this.#cuts.get(key) ?? 0) + 1);
    this.#network.cut(from, to);
  }

  /** Takes back one cut; others may keep the link cut still. */
  restore(from: MemberId, to: MemberId): void {
    const key = `${from}>${to}`;
    const left = (this.#cuts.get(key) ?? 0) - 1;
    if (left > 0) this.#cuts.set(key, left);
    else if (this.#cuts.delete(key)) this.#network.restore(from, to);
  }

  /** What is on its way between the two is lost, and both are told that the other may be. */
  reset(one: MemberId, other: MemberId): void {
    if (this.#network.isCut(one, other)) return;
    this.#network.reset(one, other);
    this.cut(one, other);
    this.cut(other, one);
    this.#scheduler.after(this.#emptyAfterMs, () => {
      this.restore(one, other);
      this.restore(other, one);
    });
  }

  healAll(): void {
    this.#cuts.clear();
    this.#network.heal();
  }

  stopFaults(): void {
    for (const from of this.#memberIds) for (const to of this.#memberIds) this.#calm(from, to);
  }

  #calm(from: MemberId, to: MemberId): void {
    this.#network.setFaults(from, to, { ...faultless, delayMinMs: 0.2, delayMaxMs: 2 });
  }
}

function usualFaults(faults: NetworkFaults): LinkFaults {
  return {
    ...faultless,
    delayMinMs: faults.delayMsMin,
    delayMaxMs: faults.delayMsMax,
    reorderingMaxMs: faults.lateMsMax,
    lossRate: faults.lossProbability,
    duplicationRate: faults.duplicationProbability,
    reorderingRate: faults.lateProbability,
  };
}

function observedTransport(
  transport: Transport,
  observer: MessageObserver,
  admitsRemoved: boolean,
): Transport {
  return {
    start: (handler) => transport.start(observedHandler(observer, handler, admitsRemoved)),
    send: (to, messages) => {
      for (const message of messages) observer.onSend(message);
      transport.send(to, messages);
    },
    forward: (to, requests) => transport.forward(to, requests),
    respond: (to, responses) => transport.respond(to, responses),
    sendSnapshot: (request, chunks) => {
      observer.onSend(request);
      return transport.sendSnapshot(request, chunks);
    },
    contacts: () => transport.contacts(),
    traffic: () => transport.traffic(),
    close: () => transport.close(),
  };
}

function observedHandler(
  observer: MessageObserver,
  handler: TransportHandler,
  admitsRemoved: boolean,
): TransportHandler {
  return {
    peerRefusal: (hello) => (admitsRemoved ? undefined : handler.peerRefusal(hello)),
    isRemoved: (peer) => handler.isRemoved(peer),
    members: () => handler.members(),
    memberStatus: () => handler.memberStatus(),
    onMessages: (from, messages) => {
      for (const message of messages) observer.onReceived(message);
      handler.onMessages(from, messages);
    },
    onForwardRequests: (from, requests) => handler.onForwardRequests(from, requests),
    onForwardResponses: (from, responses) => handler.onForwardResponses(from, responses),
    onSnapshot: (request, chunks) => handler.onSnapshot(request, chunks),
    onPeerLost: (peer) => {
      observer.onPeerLost(peer);
      handler.onPeerLost(peer);
    },
    onPeerConnected: (peer) => handler.onPeerConnected(peer),
    onRefused: (peer, reason) => handler.onRefused(peer, reason),
  };
}
