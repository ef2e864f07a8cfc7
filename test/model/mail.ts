import type { Envelope } from './input.js';
import { Numbering } from './memo.js';
import { NumberSets } from './number-sets.js';

/**
 * Everything that was ever sent to one member. A message stays: it may arrive at any time, in any
 * order, again and again, or never. So no loss, no copy and no delay needs a step of its own.
 */
export class Mail {
  readonly sets = new NumberSets();
  readonly #messages = new Numbering<Envelope>();

  get size(): number {
    return this.#messages.size;
  }

  numberOf(envelope: Envelope): number {
    return this.#messages.numberOf(JSON.stringify(envelope, sorted), () => envelope);
  }

  envelope(message: number): Envelope {
    return this.#messages.at(message);
  }
}

/** JSON with the keys of objects in order, and bytes as a list. */
function sorted(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
