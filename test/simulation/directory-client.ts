import { noFences } from '../../src/command/fence.js';
import type { KeyCommand } from '../../src/command/keys.js';
import { Asker, type ClientWorld, type User } from './asker.js';
import type { Random } from './random.js';
import type { SimulatedMember } from './simulated-member.js';

/** More than one step of the state machine sweeps of a directory that was removed. */
const childrenMin = 130;
const childrenMax = 280;
/** The TTLs lie with the last ones, which are swept last. */
const timedMax = 24;

/**
 * Fills a directory, removes it with all that it holds, and makes it again; now with all at once,
 * now with a pause between. So TTLs end before anybody knows when they began, and snapshots are
 * taken meanwhile.
 */
export class DirectoryClient implements User {
  readonly #asker: Asker;
  readonly #random: Random;

  constructor(world: ClientWorld, random: Random) {
    this.#asker = new Asker(world, world.loginOf('directories'));
    this.#random = random;
  }

  get answered(): number {
    return this.#asker.answered;
  }

  get unknown(): number {
    return this.#asker.unknown;
  }

  async run(): Promise<void> {
    while (!this.#asker.world.stopped()) {
      await this.#asker.sleep(this.#random.logBetween(6000, 40_000));
      const member = this.#asker.pickMember(this.#random);
      if (member !== undefined) await this.#fillAndRemove(member);
    }
  }

  async #fillAndRemove(member: SimulatedMember): Promise<void> {
    const directory = `/large/${this.#random.between(0, 1)}`;
    const count = this.#random.between(childrenMin, childrenMax);
    const fill = Array.from({ length: count }, (_, position) =>
      this.#set(`${directory}/${position}`, position >= count - timedMax),
    );
    const path = this.#random.chance(0.3) ? '/large' : directory;
    const remove = { type: 'delete', path, fences: noFences, dir: true, recursive: true } as const;
    const refill = fill.slice(0, this.#random.between(0, 5));
    const atOnce = this.#random.chance(0.5);
    if (!atOnce) await this.#commands(member, fill);
    await this.#commands(member, [...(atOnce ? fill : []), remove]);
    await this.#commands(member, refill);
  }

  async #commands(member: SimulatedMember, commands: readonly KeyCommand[]): Promise<void> {
    await Promise.all(commands.map((command) => this.#asker.command(member, command)));
  }

  #set(path: string, isTimed: boolean): KeyCommand {
    const ttlMs = isTimed ? this.#random.between(1, 20) * 1000 : undefined;
    return { type: 'set', path, fences: noFences, value: '', dir: false, refresh: false, ttlMs };
  }
}
