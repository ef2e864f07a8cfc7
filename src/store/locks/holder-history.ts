import type { LockSpace } from '../../command/lock-path.js';
import type { HolderChange, HolderChanges } from '../../view/holder-change.js';

/** The number of changes that are kept, over all names. */
export const holderChangesMax = 4096;

/** The kept part of a value, in UTF-16 units. */
const valueLengthMax = 256;

/** The newest changes of lock holders and election leaders. */
export class HolderHistory {
  /** A ring. Once it is full, the oldest change is at `#next`. */
  readonly #changes: HolderChange[] = [];
  #next = 0;
  #forgottenUpTo = 0;

  /** All changes after this index are kept. */
  get forgottenUpTo(): number {
    return this.#forgottenUpTo;
  }

  /** Oldest first. */
  get all(): readonly HolderChange[] {
    return [...this.#changes.slice(this.#next), ...this.#changes.slice(0, this.#next)];
  }

  note(change: HolderChange): void {
    const forgotten = this.#changes[this.#next];
    this.#changes[this.#next] = { ...change, value: beginningOf(change.value) };
    this.#next = (this.#next + 1) % holderChangesMax;
    if (forgotten !== undefined) this.#forgottenUpTo = forgotten.at;
  }

  /** No change is remembered, and those after the index will be. */
  begin(index: number): void {
    this.#changes.length = 0;
    this.#next = 0;
    this.forget(index);
  }

  /** Changes at or before the index are not known. */
  forget(upTo: number): void {
    this.#forgottenUpTo = upTo;
  }

  /** Costs as much as there are changes since `sinceIndex`. */
  of(space: LockSpace, name: string, sinceIndex: number): HolderChanges {
    const found: HolderChange[] = [];
    const count = this.#changes.length;
    for (let back = 1; back <= count; back += 1) {
      const change = this.#changes[(this.#next - back + count) % count];
      if (change === undefined || change.at < sinceIndex) break;
      if (change.name === name && change.space === space) found.push(change);
    }
    return { changes: found.reverse(), oldestIndex: this.#forgottenUpTo + 1 };
  }
}

/** Copies, since a slice would keep the whole value in memory. Never cuts a surrogate pair. */
function beginningOf(value: string): string {
  if (value.length <= valueLengthMax) return value;
  const last = value.charCodeAt(valueLengthMax - 1);
  const isHalf = last >= 0xd800 && last < 0xdc00;
  const beginning = value.slice(0, isHalf ? valueLengthMax - 1 : valueLengthMax);
  return Buffer.from(beginning, 'utf8').toString('utf8');
}
