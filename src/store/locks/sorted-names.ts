/** The number of names in a run, at most. A longer run is cut in two. */
export const runLengthMax = 512;

/**
 * A set of names, ordered by UTF-16 code units. It is a list of short sorted runs, so that adding
 * or removing a name moves few others, and reading a page costs as much as the page has names.
 */
export class SortedNames {
  /** No run is empty. All names of a run are smaller than those of the next. */
  readonly #runs: string[][] = [];

  add(name: string): void {
    const at = Math.min(this.#runFor(name), this.#runs.length - 1);
    const run = this.#runs[at];
    if (run === undefined) {
      this.#runs.push([name]);
      return;
    }
    const position = firstNotBefore(run, name);
    if (run[position] === name) return;
    run.splice(position, 0, name);
    if (run.length > runLengthMax) this.#runs.splice(at + 1, 0, run.splice(run.length >> 1));
  }

  delete(name: string): void {
    const at = this.#runFor(name);
    const run = this.#runs[at];
    if (run === undefined) return;
    const position = firstNotBefore(run, name);
    if (run[position] !== name) return;
    run.splice(position, 1);
    if (run.length === 0) this.#runs.splice(at, 1);
  }

  /** The names from `start` on, in order. The set must not change while they are read. */
  *from(start: string): Generator<string, void, undefined> {
    for (let at = this.#runFor(start); at < this.#runs.length; at += 1) {
      const run = this.#runs[at] ?? [];
      for (let position = firstNotBefore(run, start); position < run.length; position += 1) {
        const name = run[position];
        if (name !== undefined) yield name;
      }
    }
  }

  /** The first run that does not end before `name`. */
  #runFor(name: string): number {
    let [low, high] = [0, this.#runs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const last = this.#runs[middle]?.at(-1) ?? '';
      if (last < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function firstNotBefore(run: readonly string[], name: string): number {
  let [low, high] = [0, run.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((run[middle] ?? '') < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
