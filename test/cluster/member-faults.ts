import type { Span } from '../history/ttl-bounds.js';
import type { Random } from '../simulation/random.js';
import type { RealCluster } from './real-cluster.js';
import { until } from './until.js';

const kinds = ['kill', 'pause', 'restart'] as const;
export type FaultKind = (typeof kinds)[number];

export interface FaultTimes {
  /** After all members serve again, before the next fault. */
  readonly calmMsMax: number;
  /** How long a member is away, or stands still. */
  readonly awayMsMax: number;
}

const lookEveryMs = 50;

/** Half of the time after which a member misses its leader. */
const standstillMs = 500;

/**
 * Kills, pauses and restarts members at random, one fault after the other, and knows when none was
 * under way.
 */
export class MemberFaults {
  readonly counts: Record<FaultKind, number> = { kill: 0, pause: 0, restart: 0 };
  readonly calm: Span[] = [];
  readonly #real: RealCluster;
  readonly #random: Random;
  readonly #times: FaultTimes;
  #stopped = false;
  /** Undefined: a fault is under way. */
  #calmFrom: number | undefined = performance.now();

  constructor(real: RealCluster, random: Random, times: FaultTimes) {
    this.#real = real;
    this.#random = random;
    this.#times = times;
  }

  /** Until it is stopped. At its end all members serve. */
  async run(): Promise<void> {
    const stopWatching = this.#watchForStandstills();
    try {
      while (!this.#stopped) {
        for (const kind of this.#random.shuffled(kinds)) {
          await this.#sleep(this.#random.float() * this.#times.calmMsMax);
          if (this.#stopped) break;
          this.#endCalm(performance.now());
          await this.#strike(kind);
          await this.#serve();
          this.#calmFrom = performance.now();
        }
      }
    } finally {
      stopWatching();
    }
    this.#endCalm(performance.now());
  }

  #endCalm(to: number): void {
    if (this.#calmFrom !== undefined) this.calm.push({ from: this.#calmFrom, to });
    this.#calmFrom = undefined;
  }

  /**
   * The links between the members run through this process: while it stands still, none hears
   * another.
   */
  #watchForStandstills(): () => void {
    let lookedAt = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      if (now - lookedAt > standstillMs && this.#calmFrom !== undefined) {
        this.#endCalm(lookedAt);
        this.#calmFrom = now;
      }
      lookedAt = now;
    }, lookEveryMs);
    return () => clearInterval(timer);
  }

  stop(): void {
    this.#stopped = true;
  }

  /** A second member may go, too: then nobody can decide anything for a while. */
  async #strike(kind: FaultKind): Promise<void> {
    const leader = await this.#real.leader();
    const names = this.#random.shuffled(this.#real.names);
    const first = this.#random.chance(0.5) && leader !== undefined ? leader : names[0];
    const second = this.#random.chance(0.25) ? names.find((name) => name !== first) : undefined;
    const targets = [first, second].filter((name) => name !== undefined);
    this.counts[kind] += 1;
    await Promise.all(targets.map((name) => this.#strikeOne(kind, name)));
  }

  async #strikeOne(kind: FaultKind, name: string): Promise<void> {
    const { cluster } = this.#real;
    const awayMs = this.#random.logBetween(50, this.#times.awayMsMax);
    switch (kind) {
      case 'kill':
        await cluster.kill(name);
        await this.#sleep(awayMs);
        return await cluster.restart(name);
      case 'pause':
        cluster.pause(name);
        await this.#sleep(awayMs);
        return cluster.resume(name);
      case 'restart':
        return await cluster.restart(name);
      default:
        return kind satisfies never;
    }
  }

  async #serve(): Promise<void> {
    for (const name of this.#real.names) {
      const serves = async () => (await this.#real.get(name, '/health')).status === 200;
      await until(serves, `${name} serves again`, 60_000);
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((later) => setTimeout(later, ms));
  }
}
