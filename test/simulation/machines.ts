import { type MemberId, memberId } from '../../src/ids.js';
import type { Configuration } from '../../src/raft/entry.js';
import type { SimulatedMember } from './simulated-member.js';

type Create = (id: MemberId, name: string, isFounder: boolean) => SimulatedMember;

/** All machines of a run: those that begin it, and those that join later. */
export class Machines {
  /** Those that are not retired. */
  readonly inUse: SimulatedMember[] = [];
  /** The disk of a machine that is retired can still be looked at. */
  readonly #all = new Map<MemberId, SimulatedMember>();
  readonly #create: Create;

  constructor(founders: readonly MemberId[], create: Create) {
    this.#create = create;
    for (const id of founders) this.#add(id, true);
  }

  /** With an empty disk, and an id that nobody ever had. */
  addFresh(): SimulatedMember {
    return this.#add(memberId((this.#all.size + 1).toString(16).padStart(16, 'f')), false);
  }

  get(id: MemberId): SimulatedMember | undefined {
    return this.#all.get(id);
  }

  /** Its process ends for good. */
  retire(machine: SimulatedMember): void {
    machine.retire();
    const position = this.inUse.indexOf(machine);
    if (position >= 0) this.inUse.splice(position, 1);
  }

  /** The one that leads, in the latest term. */
  get leader(): SimulatedMember | undefined {
    const soft = (machine: SimulatedMember) => machine.running?.raft.softState();
    return this.inUse
      .filter((machine) => soft(machine)?.role === 'leader')
      .sort((one, other) => (soft(other)?.currentTerm ?? 0) - (soft(one)?.currentTerm ?? 0))[0];
  }

  #add(id: MemberId, isFounder: boolean): SimulatedMember {
    const machine = this.#create(id, `node${this.#all.size + 1}`, isFounder);
    this.#all.set(id, machine);
    this.inUse.push(machine);
    return machine;
  }
}

export function membersOf({ voters, learners }: Configuration): readonly MemberId[] {
  return [...voters, ...learners];
}

export function memberIds(count: number): readonly MemberId[] {
  return Array.from({ length: count }, (_, position) =>
    memberId((position + 1).toString(16).repeat(16)),
  );
}
