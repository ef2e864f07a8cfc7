import { ApiError } from './api-error.js';

/** The requests that wait for something to happen: each costs memory for as long as it likes. */
export class WaitingRoom {
  readonly #max: number;
  readonly #what: string;
  #waiting = 0;
  /** The same one for all, since each who waits holds on to it. */
  readonly #leave = () => {
    this.#waiting -= 1;
  };

  /** @param what they do, as in "this member lets 5 requests wait at a time". */
  constructor(max: number, what: string) {
    this.#max = max;
    this.#what = what;
  }

  get isFull(): boolean {
    return this.#waiting >= this.#max;
  }

  /**
   * Returns how to leave; to be called once.
   * @throws {ApiError} when there is no room.
   */
  enter(): () => void {
    if (this.isFull) throw this.refusal();
    this.#waiting += 1;
    return this.#leave;
  }

  refusal(): ApiError {
    return new ApiError('tooManyWaiting', `this member lets ${this.#max} ${this.#what} at a time`);
  }
}
