import type { MemberId } from '../ids.js';
import type { Sample } from '../view/sample.js';

/** An hour. */
export const samplesMax = 720;

const scalars = [
  'at',
  'commitIndex',
  'rssBytes',
  'waitingForLocks',
  'waitingForElections',
] as const;

/**
 * The newest samples, in rings of doubles: 720 * 8 bytes for each measure and each peer, so 40 kB
 * in a cluster of three and 52 kB in one of five. Nothing is allocated after the first sample.
 */
export class SampleHistory {
  readonly #scalars = new Map(scalars.map((name) => [name, new Float64Array(samplesMax)]));
  readonly #latencies = new Map<MemberId, Float64Array>();
  #taken = 0;

  /** @param peers those of the configuration; other members are not recorded. */
  constructor(peers: Iterable<MemberId>) {
    for (const peer of peers) this.#latencies.set(peer, new Float64Array(samplesMax));
  }

  add(sample: Sample): void {
    const slot = this.#taken % samplesMax;
    for (const [name, ring] of this.#scalars) ring[slot] = sample[name];
    for (const [peer, ring] of this.#latencies) {
      ring[slot] = sample.latencyMs.get(peer) ?? Number.NaN;
    }
    this.#taken += 1;
  }

  /** The oldest first. */
  list(): readonly Sample[] {
    const count = Math.min(this.#taken, samplesMax);
    return Array.from({ length: count }, (_, position) =>
      this.#sampleIn((this.#taken - count + position) % samplesMax),
    );
  }

  #sampleIn(slot: number): Sample {
    const value = (name: (typeof scalars)[number]) => this.#scalars.get(name)?.[slot] ?? Number.NaN;
    const latencies = [...this.#latencies]
      .map(([peer, ring]) => [peer, ring[slot] ?? Number.NaN] as const)
      .filter(([, latencyMs]) => !Number.isNaN(latencyMs));
    return {
      at: value('at'),
      commitIndex: value('commitIndex'),
      rssBytes: value('rssBytes'),
      waitingForLocks: value('waitingForLocks'),
      waitingForElections: value('waitingForElections'),
      latencyMs: new Map(latencies),
    };
  }
}
