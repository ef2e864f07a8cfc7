import type { Clock } from '../../src/member/clock.js';

/** Time that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(): () => void {
    throw new Error('nothing under test here needs a timer');
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}
