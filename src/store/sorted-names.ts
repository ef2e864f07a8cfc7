/** Names in one run, at most; then it is cut in two. */
export const runLengthMax = 512;

/**
 * A set of names that is always in order, by their UTF-16 code units: a list of short runs, so that no name that comes or goes
 * moves many others, and a page of them costs as much as it holds.
 */
export class SortedNames {
  /** None is empty; all of one are smaller than all of the next. */
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

  /** Those from `start` on, in order. To be read in one go: the set must not change meanwhile. */
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
