import type { MemberId } from '../../src/ids.js';
import { faultless, type LinkFaults, MemoryNetwork } from '../support/memory-network.js';
import { MemoryTransport } from '../support/memory-transport.js';
import { helloOf } from './grpc-rig.js';
import type { Changes, Rig } from './rig.js';
import { alice, bob } from './samples.js';

interface Event {
  readonly at: number;
  readonly run: () => void;
}

const deadlineMs = 60_000;

/** Members of a simulated network, in simulated time. */
export class MemoryRig implements Rig {
  readonly network: MemoryNetwork;
  readonly #events: Event[] = [];
  readonly #opened: MemoryTransport[] = [];
  readonly #members: readonly MemberId[];
  #now = 0;
  #state: number;

  constructor(
    faults: Partial<LinkFaults> = {},
    seed = 1,
    members: readonly MemberId[] = [alice, bob],
  ) {
    this.#state = seed;
    this.#members = members;
    this.network = new MemoryNetwork({
      schedule: (delayMs, run) => this.#schedule(delayMs, run),
      random: () => this.#random(),
      faults: { ...faultless, delayMinMs: 1, delayMaxMs: 5, ...faults },
      inFlightMax: 4096,
      reconnectDelayMs: 50,
      silenceTimeoutMs: 1000,
    });
  }

  open(member: MemberId, changes: Changes): MemoryTransport {
    const transport = new MemoryTransport({
      network: this.network,
      hello: helloOf(member, changes.hello),
      peers: this.#members.filter((id) => id !== member),
    });
    this.#opened.push(transport);
    return transport;
  }

  async slowDown(from: MemberId, to: MemberId, bytesPerSecond: number): Promise<void> {
    this.network.setFaults(from, to, { ...this.network.faults(from, to), bytesPerSecond });
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    const deadline = this.#now + deadlineMs;
    await this.#run(() => condition() || this.#now > deadline);
    if (!condition()) throw new Error(`it never came true that ${what}`);
  }

  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    this.#schedule(ms, () => {});
    await this.#run(() => this.#now >= end);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#opened.map((transport) => transport.close()));
  }

  /** One event at a time, each followed by all promises that it settled. */
  async #run(done: () => boolean): Promise<void> {
    await settled();
    while (!done()) {
      const event = this.#events.shift();
      if (event === undefined) return;
      this.#now = event.at;
      event.run();
      await settled();
    }
  }

  #schedule(delayMs: number, run: () => void): void {
    const at = this.#now + delayMs;
    const later = this.#events.findIndex((event) => event.at > at);
    this.#events.splice(later < 0 ? this.#events.length : later, 0, { at, run });
  }

  /** A small generator (mulberry32): the same seed gives the same run. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
