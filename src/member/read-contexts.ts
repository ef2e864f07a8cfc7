/** Numbers the read index requests to the core, those of this member and those of its peers. */
export class ReadContexts {
  #last = 0;

  next(): number {
    this.#last += 1;
    return this.#last;
  }
}
