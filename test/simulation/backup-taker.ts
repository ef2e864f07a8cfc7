import { Asker, type ClientWorld, requestTimeoutMs, type User } from './asker.js';
import type { Random } from './random.js';
import type { Running, SimulatedMember } from './simulated-member.js';

/** Takes backups of any member, and reads them fast, slowly, or not to the end. */
export class BackupTaker implements User {
  readonly #asker: Asker;
  readonly #random: Random;
  /** Read to their end. */
  taken = 0;

  constructor(world: ClientWorld, random: Random) {
    this.#asker = new Asker(world, world.loginOf('backups'));
    this.#random = random;
  }

  get answered(): number {
    return this.#asker.answered;
  }

  get unknown(): number {
    return this.#asker.unknown;
  }

  async run(): Promise<void> {
    const { world } = this.#asker;
    while (!world.stopped()) {
      await this.#asker.sleep(this.#random.logBetween(500, 20_000));
      const member = this.#asker.pickMember(this.#random);
      const running = member?.running;
      if (member === undefined || running === undefined) continue;
      const { toldIndex } = world.checks;
      const file = await this.#asker.answerOf(running, this.#take(running));
      if (file === undefined || file.length === 0) continue;
      this.taken += 1;
      this.#check(member, file, toldIndex);
    }
  }

  #check(member: SimulatedMember, file: Buffer, toldIndex: number): void {
    try {
      this.#asker.world.onBackup(member, file, toldIndex);
    } catch (error) {
      member.break(error);
    }
  }

  /** Empty when it is given up. */
  async #take({ coordinator }: Running): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    const meanMs = this.#random.chance(0.5) ? 0 : this.#random.logBetween(1, 300);
    const isGivenUp = this.#random.chance(0.2);
    for await (const part of await coordinator.backup(0, requestTimeoutMs)) {
      parts.push(part);
      if (isGivenUp && this.#random.chance(0.3)) return Buffer.alloc(0);
      if (meanMs > 0) await this.#asker.sleep(2 * meanMs * this.#random.float());
    }
    return Buffer.concat(parts);
  }
}
