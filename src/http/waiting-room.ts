import { ApiError } from './api-error.js';

/** The requests that wait for something to happen: each costs memory for as long as it likes. */
export class WaitingRoom {
  readonly #max: number;
  #waiting = 0;

  constructor(max: number) {
    this.#max = max;
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
    return () => {
      this.#waiting -= 1;
    };
  }

  refusal(): ApiError {
    return new ApiError('tooManyWaiting', `this member lets ${this.#max} requests wait at a time`);
  }
}
