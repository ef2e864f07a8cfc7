import { Memo, Numbering } from './memo.js';

/** Logs by number. An entry is a word that begins with its term. */
export class Logs {
  readonly #known = new Numbering<readonly string[]>();
  readonly #matching = new Memo((one, other) => match(this.at(one), this.at(other)));

  numberOf(log: readonly string[]): number {
    return this.#known.numberOf(log.join(), () => log);
  }

  at(number: number): readonly string[] {
    return this.#known.at(number);
  }

  /** Log Matching Property (Raft, section 5.3). */
  match(one: number, other: number): boolean {
    return one === other || this.#matching.get(one, other);
  }
}

/** Where two logs have an entry of one term at one index, they are equal up to there. */
function match(one: readonly string[], other: readonly string[]): boolean {
  let areEqual = true;
  for (const [at, entry] of one.entries()) {
    const beside = other[at];
    if (beside === undefined) break;
    if (entry !== beside) areEqual = false;
    if (termOf(entry) === termOf(beside) && !areEqual) return false;
  }
  return true;
}

export function termOf(entry: string): number {
  return Number.parseInt(entry, 10);
}
