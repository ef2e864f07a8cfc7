import { Administrator } from './administrator.js';
import type { ClientWorld, User } from './asker.js';
import { BackupTaker } from './backup-taker.js';
import { Client } from './clients.js';
import { ConnectionClient } from './connection-client.js';
import { DirectoryClient } from './directory-client.js';
import type { FaultPlan, UsersPlan } from './faults.js';
import type { Random } from './random.js';

/** Everybody who uses the cluster in one run. */
export class Users {
  readonly all: readonly User[];
  readonly #holders: readonly ConnectionClient[];
  readonly #takers: readonly BackupTaker[];

  constructor(
    { clientCount, load }: FaultPlan,
    { meanIntervalMs }: UsersPlan,
    world: ClientWorld,
    randomOf: (name: string) => Random,
  ) {
    const clients = Array.from({ length: clientCount }, (_, position) => {
      const name = `client${position + 1}`;
      const uses = (['keys', 'lock', 'leader'] as const)[position % 3] ?? 'keys';
      return new Client(name, world, randomOf(name), uses);
    });
    const holder = (name: string, crowds: boolean) =>
      new ConnectionClient(name, world, randomOf(name), { crowds });
    this.#holders = [
      ...(load.connectionHolds ? [holder('holder1', false), holder('holder2', false)] : []),
      ...(load.crowds ? [holder('crowd', true)] : []),
    ];
    const directories = load.largeDirectories
      ? [new DirectoryClient(world, randomOf('directories'))]
      : [];
    const administrators = Number.isFinite(meanIntervalMs)
      ? [new Administrator(world, randomOf('administrator'), meanIntervalMs)]
      : [];
    const backups = randomOf('backups');
    this.#takers = backups.chance(0.5) ? [new BackupTaker(world, backups)] : [];
    this.all = [...clients, ...this.#holders, ...directories, ...administrators, ...this.#takers];
  }

  get answered(): number {
    return this.all.reduce((sum, { answered }) => sum + answered, 0);
  }

  get unknown(): number {
    return this.all.reduce((sum, { unknown }) => sum + unknown, 0);
  }

  get backups(): number {
    return this.#takers.reduce((sum, { taken }) => sum + taken, 0);
  }

  get connectionHolds(): number {
    return this.#holders.reduce((sum, { holds }) => sum + holds, 0);
  }
}
