import { AssertionError } from '../../src/assert.js';
import { type Bounds, optionsOf } from './bounds.js';
import { type Facts, factsOf } from './facts.js';
import { History, type Violation } from './history.js';
import { describeInput, type Input } from './input.js';
import { Logs } from './logs.js';
import { Mail } from './mail.js';
import { type MemberState, run, started } from './member-state.js';

export interface ReplayStep {
  readonly member: number;
  readonly input: Input;
}

/**
 * Real cores from their start on, which are neither copied nor brought into any form. So what they
 * break is broken, whatever the search may have done wrong.
 */
class Replay {
  readonly #bounds: Bounds;
  readonly #names: readonly string[];
  readonly #members: readonly MemberState[];
  readonly #logs = new Logs();
  readonly #history: History;
  readonly #mail = new Mail();
  readonly #sent = new Set<number>();
  #past = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#names = [...bounds.voters, ...bounds.joiners];
    this.#members = this.#names.map((name) => started(optionsOf(bounds, name)));
    this.#history = new History(this.#logs, bounds.changesMax > 0);
  }

  step({ member, input }: ReplayStep): Violation | undefined {
    const name = this.#names[member] ?? '';
    const state = this.#members[member];
    if (state === undefined) throw new RangeError(`no member ${member}`);
    if (input.type === 'receive' && !this.#sent.has(this.#mail.numberOf(input.envelope))) {
      throw new Error(`${name} ${describeInput(input)}, which nobody has sent`);
    }
    const fault = this.#run(name, state, input);
    if (fault !== undefined) return { promise: 'an assertion of the core', details: fault };
    const before = this.#past;
    const after = this.#history.after(before, member, this.#factsOf(name, state));
    if (typeof after !== 'number') return after;
    this.#past = after;
    const facts = this.#members.map((each, at) => this.#factsOf(this.#names[at] ?? '', each));
    return this.#history.check(before, after, facts, member);
  }

  #factsOf(name: string, state: MemberState): Facts {
    return factsOf(optionsOf(this.#bounds, name), state, this.#logs);
  }

  #run(name: string, state: MemberState, input: Input): string | undefined {
    const { slowDisks } = this.#bounds;
    try {
      const options = optionsOf(this.#bounds, name);
      for (const message of run(state, input, options, slowDisks.includes(name))) {
        const contents = message.type === 'InstallSnapshotRequest' ? state.contents : undefined;
        this.#sent.add(this.#mail.numberOf({ message, contents }));
      }
      return undefined;
    } catch (error) {
      if (error instanceof AssertionError) return error.message;
      throw error;
    }
  }
}

/** What is broken on the way; undefined when nothing is. */
export function replay(bounds: Bounds, steps: readonly ReplayStep[]): Violation | undefined {
  const cluster = new Replay(bounds);
  for (const step of steps) {
    const violation = cluster.step(step);
    if (violation !== undefined) return violation;
  }
  return undefined;
}
