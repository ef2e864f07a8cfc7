import type { FormatRange } from '../../src/encoding/format-range.js';
import type { SimulatedMember } from './simulated-member.js';
import { demand } from './violation.js';

const older: FormatRange = { lowest: 1, highest: 1 };
export const newer: FormatRange = { lowest: 1, highest: 2 };

/**
 * A rolling upgrade: all members but the last speak version 2, and that one once it was restarted.
 */
export class Upgrade {
  readonly #last: string;
  #isDone = false;

  /** @param last the name of the member that is upgraded last. */
  constructor(last: string) {
    this.#last = last;
  }

  formatsOf({ name }: SimulatedMember): FormatRange {
    return name === this.#last && !this.#isDone ? older : newer;
  }

  restartLast(members: readonly SimulatedMember[]): void {
    const last = members.find(({ name }) => name === this.#last);
    demand(last !== undefined, `${this.#last} is a member`);
    last.crash();
    this.#isDone = true;
    last.start().catch((error: unknown) => last.break(error));
  }

  /** Nobody may write what a member cannot read, and what was written once stays. */
  afterEvent(members: readonly SimulatedMember[]): void {
    if (this.#isDone) return;
    for (const { name, running } of members) {
      const version = running?.stateMachine.clusterVersion ?? 1;
      demand(version === 1, `${name} is at version ${version} while ${this.#last} understands 1`);
    }
  }

  demandRaised(members: readonly SimulatedMember[]): void {
    for (const { name, running } of members) {
      const version = running?.stateMachine.clusterVersion;
      demand(version === 2, `${name} is at version ${version} though all understand 2`);
    }
  }
}
