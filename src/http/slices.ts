/**
 * Long work in short slices, between which the member does everything else. What is under way takes
 * turns, and all of it together gets `sliceMs` of each turn of the event loop.
 */
export class Slices {
  readonly #sliceMs: number;
  readonly #work: (() => void)[] = [];
  #scheduled = false;

  constructor(sliceMs: number) {
    this.#sliceMs = sliceMs;
  }

  /** `work` is called once, soon; it should take a millisecond, and ask again when it is not done. */
  add(work: () => void): void {
    this.#work.push(work);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#run());
  }

  #run(): void {
    const startedAt = performance.now();
    for (let next = this.#work.shift(); next !== undefined; next = this.#work.shift()) {
      next();
      if (performance.now() - startedAt > this.#sliceMs) break;
    }
    this.#scheduled = this.#work.length > 0;
    if (this.#scheduled) setImmediate(() => this.#run());
  }
}
