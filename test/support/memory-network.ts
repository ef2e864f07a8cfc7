import { assert } from '../../src/assert.js';
import type { MemberId } from '../../src/ids.js';
import type { Hello, TransportHandler } from '../../src/transport/transport.js';
import { BandwidthLimit } from './bandwidth-limit.js';

/** The faults of one direction between two members. Rates are in [0, 1]. */
export interface LinkFaults {
  readonly delayMinMs: number;
  readonly delayMaxMs: number;
  /** Of each message alone; and of each snapshot chunk, which then ends its transfer. */
  readonly lossRate: number;
  readonly duplicationRate: number;
  /**
   * Such a message is late, by up to `reorderingMaxMs`, and overtaken. All others keep their order.
   */
  readonly reorderingRate: number;
  readonly reorderingMaxMs: number;
  /** The rate of entries and forwarded requests. Control messages are not limited. */
  readonly bytesPerSecond: number;
  /** How many bytes of them may wait; a batch beyond is dropped, whole, unless nothing waits. */
  readonly waitingBytesMax: number;
}

export const faultless: LinkFaults = {
  delayMinMs: 0,
  delayMaxMs: 0,
  lossRate: 0,
  duplicationRate: 0,
  reorderingRate: 0,
  reorderingMaxMs: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  waitingBytesMax: 32 * 1024 * 1024,
};

/** One run of a member's process, for the network and the other members. */
export interface Endpoint {
  readonly hello: Hello;
  /** Ends with the process. */
  readonly life: AbortSignal;
  readonly handler: TransportHandler;
  crash(): void;
  /** Why this member refuses a dialler; undefined when it accepts it. */
  refuse(from: Hello, to: MemberId): string | undefined;
  isConnectedTo(target: Endpoint): boolean;
  targetEnded(target: Endpoint): void;
  connectionLost(peer: MemberId): void;
}

export interface MemoryNetworkOptions {
  /** Runs `run` after `delayMs` of the simulation's time; equal times in the order of the calls. */
  readonly schedule: (delayMs: number, run: () => void) => void;
  /** Uniform in [0, 1); seeded by the owner. */
  readonly random: () => number;
  readonly faults: LinkFaults;
  /** Messages in flight on each connection of one link; a batch beyond is dropped whole. */
  readonly inFlightMax: number;
  /** The pause before another attempt to connect, and between looks at a connection's life. */
  readonly reconnectDelayMs: number;
  /** A connection over a cut link is closed, silently, after this time. */
  readonly silenceTimeoutMs: number;
}

/** A batch that one member sends to another in one call, on one of the two connections. */
export interface Delivery<T> {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly connection: 'control' | 'bulk';
  readonly batch: readonly T[];
  readonly bytesOf: (item: T) => number;
  readonly deliver: (batch: readonly T[]) => void;
}

/** One of the two connections in one direction between two members. */
interface LinkConnection {
  inFlight: number;
  /**
   * Deliveries that keep their order. Each scheduled arrival takes the oldest, whichever it was
   * for.
   */
  readonly ordered: (() => void)[];
}

/** One direction between two members. */
interface Link {
  faults: LinkFaults;
  cut: boolean;
  readonly control: LinkConnection;
  readonly bulk: LinkConnection;
  readonly bandwidth: BandwidthLimit;
}

/**
 * The network between simulated members. It has no clock, no randomness and no task of its own: the
 * same seed and the same calls give the same run.
 */
export class MemoryNetwork {
  readonly options: MemoryNetworkOptions;
  readonly #links = new Map<string, Link>();
  readonly #running = new Map<MemberId, Endpoint>();

  constructor(options: MemoryNetworkOptions) {
    this.options = options;
  }

  setFaults(from: MemberId, to: MemberId, faults: LinkFaults): void {
    const link = this.#link(from, to);
    link.faults = faults;
    link.bandwidth.setRate(faults.bytesPerSecond);
  }

  /** Cuts one direction: everything on it is lost silently. */
  cut(from: MemberId, to: MemberId): void {
    const link = this.#link(from, to);
    link.cut = true;
    link.bandwidth.clear();
  }

  restore(from: MemberId, to: MemberId): void {
    this.#link(from, to).cut = false;
  }

  /** Cuts both directions between every member of the one group and every member of the other. */
  partition(group: readonly MemberId[], others: readonly MemberId[]): void {
    for (const member of group) {
      for (const other of others) {
        this.cut(member, other);
        this.cut(other, member);
      }
    }
  }

  heal(): void {
    for (const link of this.#links.values()) link.cut = false;
  }

  /** The member's process ends at once. Peers that a packet still reaches notice it. */
  crash(member: MemberId): void {
    this.#running.get(member)?.crash();
  }

  /** Resets the connections between two members: each may take the other for lost. */
  reset(one: MemberId, other: MemberId): void {
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      if (this.isCut(one, other)) continue;
      this.#link(from, to).bandwidth.clear();
      this.#running.get(from)?.connectionLost(to);
    }
  }

  /** Whether a connection between the two is silent: it needs both directions. */
  isCut(one: MemberId, other: MemberId): boolean {
    return this.#link(one, other).cut || this.#link(other, one).cut;
  }

  running(member: MemberId): Endpoint | undefined {
    return this.#running.get(member);
  }

  /** Called by a transport that starts; from then on the peers' attempts to connect reach it. */
  attach(endpoint: Endpoint): void {
    const member = endpoint.hello.memberId;
    assert(!this.#running.has(member), `member ${member} runs already`);
    this.#running.set(member, endpoint);
  }

  /** Called by a transport that has ended. The kernel of its host tells every peer, if it can. */
  detach(endpoint: Endpoint): void {
    const member = endpoint.hello.memberId;
    if (this.#running.get(member) !== endpoint) return;
    this.#running.delete(member);
    for (const peer of this.#running.values()) {
      this.#link(member, peer.hello.memberId).bandwidth.clear();
      this.travel(member, peer.hello.memberId, () => peer.targetEnded(endpoint));
    }
  }

  /** One packet that is not subject to chance, only to the delay and to cuts. */
  travel(from: MemberId, to: MemberId, arrive: () => void): void {
    const link = this.#link(from, to);
    if (link.cut) return;
    this.options.schedule(this.#delayMs(link), () => {
      if (!link.cut) arrive();
    });
  }

  /**
   * Carries a batch. The messages that no fault hits arrive together, but on a slow link one by
   * one. False when too much is in flight.
   */
  carry<T>({ from, to, connection: name, batch, bytesOf, deliver }: Delivery<T>): boolean {
    const link = this.#link(from, to);
    const connection = link[name];
    if (connection.inFlight + batch.length > this.options.inFlightMax) return false;
    if (link.cut) return true;
    const { bytesPerSecond, waitingBytesMax } = link.faults;
    if (name === 'control' || bytesPerSecond === Number.POSITIVE_INFINITY) {
      this.#launch(link, connection, batch, deliver);
      return true;
    }
    const sizes = batch.map(bytesOf);
    const bytes = sizes.reduce((sum, size) => sum + size, link.bandwidth.waitingBytes);
    if (link.bandwidth.waitingBytes > 0 && bytes > waitingBytesMax) return false;
    connection.inFlight += batch.length;
    for (const [position, item] of batch.entries()) {
      const drop = () => {
        connection.inFlight -= 1;
      };
      const pass = () => {
        connection.inFlight -= 1;
        this.#launch(link, connection, [item], deliver);
      };
      link.bandwidth.push(sizes[position] ?? 0, pass, drop);
    }
    return true;
  }

  happens(rate: number): boolean {
    return rate > 0 && this.options.random() < rate;
  }

  faults(from: MemberId, to: MemberId): LinkFaults {
    return this.#link(from, to).faults;
  }

  #launch<T>(
    link: Link,
    connection: LinkConnection,
    batch: readonly T[],
    deliver: (batch: readonly T[]) => void,
  ): void {
    const { lossRate, duplicationRate, reorderingRate } = link.faults;
    const kept = batch.filter((item) => {
      if (this.happens(lossRate)) return false;
      if (this.happens(duplicationRate)) this.#sendAlone(link, connection, () => deliver([item]));
      if (!this.happens(reorderingRate)) return true;
      this.#sendAlone(link, connection, () => deliver([item]));
      return false;
    });
    if (kept.length > 0) this.#sendInOrder(link, connection, kept.length, () => deliver(kept));
  }

  #sendAlone(link: Link, connection: LinkConnection, deliver: () => void): void {
    connection.inFlight += 1;
    const lateMs = this.options.random() * link.faults.reorderingMaxMs;
    this.options.schedule(this.#delayMs(link) + lateMs, () => {
      connection.inFlight -= 1;
      if (!link.cut) deliver();
    });
  }

  #sendInOrder(link: Link, connection: LinkConnection, count: number, deliver: () => void): void {
    connection.inFlight += count;
    connection.ordered.push(() => {
      connection.inFlight -= count;
      if (!link.cut) deliver();
    });
    this.options.schedule(this.#delayMs(link), () => connection.ordered.shift()?.());
  }

  #delayMs(link: Link): number {
    const { delayMinMs, delayMaxMs } = link.faults;
    return delayMinMs + this.options.random() * (delayMaxMs - delayMinMs);
  }

  #link(from: MemberId, to: MemberId): Link {
    const key = `${from}>${to}`;
    const known = this.#links.get(key);
    if (known !== undefined) return known;
    const { faults, schedule } = this.options;
    const link: Link = {
      faults,
      cut: false,
      control: { inFlight: 0, ordered: [] },
      bulk: { inFlight: 0, ordered: [] },
      bandwidth: new BandwidthLimit(schedule, faults.bytesPerSecond),
    };
    this.#links.set(key, link);
    return link;
  }
}
