import type { LimitUse } from '../view/limit-use.js';
import { ApiError } from './api-error.js';

/** Bounds how many requests do one expensive thing at a time, such as waiting. */
export class ConcurrencyLimit {
  readonly #max: number;
  readonly #what: string;
  #count = 0;
  #refused = 0;
  /** Shared by all requests: thousands may hold on to it for hours. */
  readonly #release = () => {
    this.#count -= 1;
  };

  /** @param what they do, as in "this member lets 5 requests wait at a time". */
  constructor(max: number, what: string) {
    this.#max = max;
    this.#what = what;
  }

  describe(): LimitUse {
    return { used: this.#count, max: this.#max, refused: this.#refused };
  }

  get isReached(): boolean {
    return this.#count >= this.#max;
  }

  /**
   * Returns the release, to be called once.
   * @throws {ApiError} when the limit is reached.
   */
  enter(): () => void {
    if (this.isReached) throw this.refusal();
    this.#count += 1;
    return this.#release;
  }

  refusal(): ApiError {
    this.#refused += 1;
    return new ApiError('tooManyWaiting', `this member lets ${this.#max} ${this.#what} at a time`);
  }
}
