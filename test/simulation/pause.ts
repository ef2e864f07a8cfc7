import type { Scheduler } from './scheduler.js';

/**
 * Of a process that stands still (SIGSTOP): what comes meanwhile waits for the end, and its clock
 * goes on.
 */
export class Pause {
  readonly #scheduler: Scheduler;
  readonly #waiting = new Set<() => void>();
  #until = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Lets a pause that goes on already last longer, never shorter. */
  begin(durationMs: number): void {
    this.#until = Math.max(this.#until, this.#scheduler.now + durationMs);
  }

  /** What waited runs now (SIGCONT). */
  end(): void {
    this.#until = 0;
    for (const wake of this.#waiting) this.#scheduler.after(0, wake);
  }

  whenOver(run: () => void): void {
    const leftMs = this.#until - this.#scheduler.now;
    if (leftMs <= 0) {
      run();
      return;
    }
    const wake = () => {
      if (this.#waiting.delete(wake)) this.whenOver(run);
    };
    this.#waiting.add(wake);
    this.#scheduler.after(leftMs, wake);
  }
}
