import type { Clock } from './clock.js';
import { repeatMs } from './condition.js';

/** Tells what may be repeated without end: at most once a minute for each key, and how often. */
export class PacedLog {
  readonly #clock: Clock;
  readonly #log: (fields: object) => void;
  readonly #told = new Map<string, { readonly at: number; untold: number }>();

  constructor(clock: Clock, log: (fields: object) => void) {
    this.#clock = clock;
    this.#log = log;
  }

  /** @param key one of few. */
  tell(key: string, fields: object): void {
    const now = this.#clock.now();
    const told = this.#told.get(key);
    if (told !== undefined && now - told.at < repeatMs) {
      told.untold += 1;
      return;
    }
    this.#told.set(key, { at: now, untold: 0 });
    const untold = told?.untold ?? 0;
    this.#log(untold > 0 ? { ...fields, untold } : fields);
  }
}
