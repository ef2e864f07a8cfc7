/**
 * The hash of the state, to which each part adds its own. Two 32-bit hashes after FNV-1a: 64 bits
 * are enough to tell states in tests apart.
 */
export class StateHash {
  #low = 0x811c9dc5;
  #high = 0x1b873593;

  add(...values: readonly (string | number | boolean | undefined)[]): void {
    for (const value of values) this.#text(`${typeof value} ${value}\0`);
  }

  #text(text: string): void {
    for (let i = 0; i < text.length; i += 1) {
      const unit = text.charCodeAt(i);
      this.#low = Math.imul(this.#low ^ unit, 0x01000193);
      this.#high = Math.imul(this.#high ^ unit ^ (this.#low >>> 15), 0x01000193);
    }
  }

  toString(): string {
    return [this.#high, this.#low].map((half) => hex(half >>> 0)).join('');
  }
}

function hex(half: number): string {
  return half.toString(16).padStart(8, '0');
}
