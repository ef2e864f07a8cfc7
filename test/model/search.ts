import type { Cluster } from './cluster.js';
import type { Violation } from './history.js';
import type { Move } from './moves.js';
import { NumberList } from './number-list.js';
import { RecordSet } from './record-set.js';

export interface Step {
  readonly member: number;
  readonly move: Move;
}

export interface Found {
  readonly violation: Violation;
  readonly steps: readonly Step[];
}

export interface SearchLimits {
  readonly statesMax: number;
  readonly depthMax: number;
  readonly secondsMax: number;
}

/**
 * Breadth-first through the states of a cluster. They stand in the order in which they were found,
 * so the set of known states is the queue too.
 */
export class Search {
  readonly cluster: Cluster;
  readonly #states: RecordSet;
  /** From which state each was found. */
  readonly #parents = new NumberList();
  readonly #record: Int32Array;
  #next = 0;
  #depth = 0;
  /** The first state that is deeper than `depth`. */
  #levelEnd = 1;
  #transitions = 0;
  #found: Found | undefined;

  constructor(cluster: Cluster, start: Int32Array) {
    this.cluster = cluster;
    this.#states = new RecordSet(this.cluster.width);
    this.#record = new Int32Array(this.cluster.width);
    this.#states.add(start);
    this.#parents.push(-1);
  }

  get found(): Found | undefined {
    return this.#found;
  }

  /**
   * All states up to this many steps from the start are known, and all before that are expanded.
   */
  get depth(): number {
    return this.#depth;
  }

  get states(): number {
    return this.#states.size;
  }

  get queued(): number {
    return this.#states.size - this.#next;
  }

  get transitions(): number {
    return this.#transitions;
  }

  get isWhole(): boolean {
    return this.queued === 0;
  }

  /** Expands so many states, fewer when it is at its end. */
  run(count: number, { statesMax, depthMax }: SearchLimits): boolean {
    for (let left = count; left > 0; left -= 1) {
      if (this.#found !== undefined || this.isWhole) return false;
      if (this.#next === this.#levelEnd) {
        this.#depth += 1;
        this.#levelEnd = this.states;
      }
      if (this.states >= statesMax || this.#depth >= depthMax) return false;
      this.#expand();
    }
    return true;
  }

  #expand(): void {
    const parent = this.#next;
    this.#next += 1;
    this.#states.read(parent, this.#record);
    this.cluster.expand(this.#record, (child, member, move, violation) => {
      this.#transitions += 1;
      if (this.#found !== undefined) return;
      const known = this.states;
      const isNew = violation === undefined && this.#states.add(child) === known;
      if (isNew) this.#parents.push(parent);
      const wrong = isNew ? this.cluster.check(this.#record, child, member) : violation;
      if (wrong === undefined) return;
      this.#found = { violation: wrong, steps: [...this.#stepsTo(parent), { member, move }] };
    });
  }

  /** What the promises see in each state, in words. */
  *factsOfAll(): Iterable<string> {
    for (let state = 0; state < this.states; state += 1) {
      this.#states.read(state, this.#record);
      yield this.cluster.describeFacts(this.#record);
    }
  }

  /** The way to a state: each step is found again among those that its parent allows. */
  #stepsTo(state: number): readonly Step[] {
    const steps: Step[] = [];
    for (let at = state; this.#parents.at(at) >= 0; at = this.#parents.at(at)) {
      steps.unshift(this.#stepBetween(this.#parents.at(at), at));
    }
    return steps;
  }

  #stepBetween(parent: number, child: number): Step {
    const from = new Int32Array(this.cluster.width);
    const to = new Int32Array(this.cluster.width);
    this.#states.read(parent, from);
    this.#states.read(child, to);
    let step: Step | undefined;
    this.cluster.expand(from, (reached, member, move) => {
      if (step === undefined && reached.every((value, at) => value === to[at])) {
        step = { member, move };
      }
    });
    if (step === undefined) throw new Error('a state has no way from its parent');
    return step;
  }
}
