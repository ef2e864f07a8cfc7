import type { Scheduler } from './scheduler.js';

/** The readable story of a run. All of it goes into the fingerprint, the last lines are kept. */
export class Trace {
  /** Equal for equal runs. */
  fingerprint = 0x811c9dc5;
  readonly #scheduler: Scheduler;
  readonly #lines: string[] = [];
  readonly #keep: number;
  readonly #follow: ((line: string) => void) | undefined;

  constructor(scheduler: Scheduler, keep: number, follow: ((line: string) => void) | undefined) {
    this.#scheduler = scheduler;
    this.#keep = keep;
    this.#follow = follow;
  }

  add(who: string, what: string): void {
    const line = `${this.#scheduler.now.toFixed(3).padStart(10)} ${who.padEnd(8)} ${what}`;
    for (let i = 0; i < line.length; i += 1) {
      this.fingerprint = Math.imul(this.fingerprint ^ line.charCodeAt(i), 0x01000193) >>> 0;
    }
    this.#follow?.(line);
    this.#lines.push(line);
    if (this.#lines.length > 2 * this.#keep) this.#lines.splice(0, this.#keep);
  }

  last(): readonly string[] {
    return this.#lines.slice(-this.#keep);
  }
}
