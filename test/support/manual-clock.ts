import assert from 'node:assert/strict';
import type { Clock } from '../../src/member/clock.js';

interface Timer {
  readonly dueAt: number;
  readonly callback: () => void;
}

/** setTimeout fires at once for more than this: its delay is a signed 32-bit number. */
const delayMsMax = 2 ** 31 - 1;

/** Time that moves only when a test says so. */
export class ManualClock implements Clock {
  #now: number;
  readonly #timers = new Set<Timer>();

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  get timerCount(): number {
    return this.#timers.size;
  }

  after(delayMs: number, callback: () => void): () => void {
    assert.ok(delayMs <= delayMsMax, `no timer waits ${delayMs} ms`);
    const timer = { dueAt: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Fires the timers that fall due, in their order. */
  advance(byMs: number): void {
    const target = this.#now + byMs;
    for (let next = this.#nextDue(target); next !== undefined; next = this.#nextDue(target)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.dueAt);
      next.callback();
    }
    this.#now = target;
  }

  /** Time passes while the process stands still: what falls due meanwhile is late. */
  standStill(forMs: number): void {
    this.#now += forMs;
  }

  #nextDue(target: number): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAt > target) continue;
      if (earliest === undefined || timer.dueAt < earliest.dueAt) earliest = timer;
    }
    return earliest;
  }
}
