import type { CommandResult } from '../../command/command-result.js';
import type { NodeView } from '../../command/event.js';
import { failed } from '../part/outcome.js';

/**
 * The number of results kept for one member. It settles them long before; this only bounds the
 * memory.
 */
export const resultsMax = 65_536;

/** A shorter result is never shortened: `resultsMax` of them take little memory. */
const shortUnits = 256;

/**
 * The results of one boot's commands, from the lowest sequence that is not settled. Each is kept
 * until it is settled. When the results are too long together, the oldest long ones lose their
 * texts.
 */
export class RememberedResults {
  readonly #unitsMax: number;
  readonly #bySequence = new Map<number, CommandResult>();
  /** The lengths of the long results, in UTF-16 units. */
  readonly #long = new Map<number, number>();
  #units = 0;

  constructor(unitsMax: number) {
    this.#unitsMax = unitsMax;
  }

  get size(): number {
    return this.#bySequence.size;
  }

  get(sequence: number): CommandResult | undefined {
    return this.#bySequence.get(sequence);
  }

  /** The sequence of the oldest result. */
  get oldest(): number | undefined {
    const [oldest] = this.#bySequence.keys();
    return oldest;
  }

  /** In the order in which they were added. */
  [Symbol.iterator](): IterableIterator<[sequence: number, result: CommandResult]> {
    return this.#bySequence[Symbol.iterator]();
  }

  add(sequence: number, result: CommandResult): void {
    this.#bySequence.set(sequence, result);
    const units = unitsOf(result);
    if (units <= shortUnits) return;
    this.#long.set(sequence, units);
    this.#units += units;
    while (this.#units > this.#unitsMax) this.#forgetOldestAnswer();
  }

  #forgetOldestAnswer(): void {
    const [oldest] = this.#long.keys();
    if (oldest === undefined) return;
    const result = this.#bySequence.get(oldest);
    if (result !== undefined) this.#bySequence.set(oldest, withoutAnswer(result));
    this.#forgetLength(oldest);
  }

  #forgetLength(sequence: number): void {
    this.#units -= this.#long.get(sequence) ?? 0;
    this.#long.delete(sequence);
  }

  /** Settles the sequences below. Costs at most as much as there are results. */
  settle(from: number, below: number): void {
    if (below - from <= this.size) {
      for (let sequence = from; sequence < below; sequence += 1) this.#delete(sequence);
    } else {
      for (const [sequence] of this.#bySequence) if (sequence < below) this.#delete(sequence);
    }
  }

  #delete(sequence: number): void {
    if (this.#bySequence.delete(sequence)) this.#forgetLength(sequence);
  }
}

/** The length of all texts. It is the same on every member, and after a snapshot. */
function unitsOf(result: CommandResult): number {
  switch (result.type) {
    case 'event': {
      const { node, prevNode } = result.event;
      return viewUnits(node) + (prevNode === undefined ? 0 : viewUnits(prevNode));
    }
    case 'error':
      return result.error.cause.length;
    default:
      return 0;
  }
}

function viewUnits({ key, value }: NodeView): number {
  return key.length + (value?.length ?? 0);
}

/** A repeated command is still answered truthfully: it took effect, or it failed with that code. */
function withoutAnswer(result: CommandResult): CommandResult {
  if (result.type === 'error') return { type: 'error', error: { ...result.error, cause: '' } };
  if (result.type !== 'event') return result;
  const cause = 'the command took effect; its answer was too long to be remembered';
  return failed('raftInternal', cause, result.etcdIndex);
}
