import type { AuthCommand } from '../../src/command/auth.js';
import { noPermissions, type Permissions } from '../../src/command/permissions.js';
import type { AuthView } from '../../src/view/auth-view.js';
import { Asker, type ClientWorld, type User } from './asker.js';
import { guestLogin, hashFor, passwords, userNames } from './login.js';
import type { Random } from './random.js';

const roleNames = ['writer', 'locker'] as const;

/**
 * What roles are given and lose again. A directory that a client gives a TTL is granted with all
 * that is in it.
 */
const grantable: readonly Partial<Permissions>[] = [
  { keyWrite: ['/*'] },
  { keyWrite: ['/k/*'] },
  { keyWrite: ['/k/0'] },
  { keyWrite: ['/queue*'] },
  { keyWrite: ['/fenced/*'] },
  { lockAcquire: ['*'] },
  { lockAcquire: ['n1'] },
  { lockRelease: ['*'] },
  { lockRead: ['*'] },
  { electionAcquire: ['*'] },
  { electionRelease: ['*'] },
  { admin: ['auth'] },
];

const all: Permissions = {
  ...noPermissions,
  keyWrite: ['/*'],
  lockAcquire: ['*'],
  lockRelease: ['*'],
  electionAcquire: ['*'],
  electionRelease: ['*'],
};

/** Has the cluster ask for users, and then makes, changes and removes them at random. */
export class Administrator implements User {
  readonly #asker: Asker;
  readonly #random: Random;
  readonly #meanIntervalMs: number;

  constructor(world: ClientWorld, random: Random, meanIntervalMs: number) {
    this.#asker = new Asker(world, guestLogin);
    this.#random = random;
    this.#meanIntervalMs = meanIntervalMs;
  }

  get answered(): number {
    return this.#asker.answered;
  }

  get unknown(): number {
    return this.#asker.unknown;
  }

  async run(): Promise<void> {
    while (!this.#asker.world.stopped()) {
      await this.#asker.sleep(-Math.log(1 - this.#random.float()) * this.#meanIntervalMs);
      const member = this.#asker.pickMember(this.#random);
      const auth = member?.running?.coordinator.state.auth;
      if (member === undefined || auth?.isSupported !== true) continue;
      const command = this.#next(auth);
      const root = auth.enabled ? auth.user('root') : undefined;
      const identity = root && { name: root.name, revision: root.revision };
      const result = await this.#asker.command(member, command, { identity });
      const { type, ...rest } = command;
      const what = JSON.stringify(rest, (key, value) => (key === 'password' ? undefined : value));
      this.#asker.world.trace.add('admin', `${type} ${what}: ${result?.type ?? 'no answer'}`);
    }
  }

  /** What is missing comes first, so a cluster with users is one with all of them, soon. */
  #next(auth: AuthView): AuthCommand {
    const user = ['root', ...userNames].find((name) => auth.user(name) === undefined);
    const role = ['guest', ...roleNames].find((name) => auth.role(name) === undefined);
    if (user !== undefined) return this.#putUser(user);
    if (role === 'guest' && this.#random.chance(0.5)) return putRole(role, noPermissions);
    if (role !== undefined && role !== 'guest') return putRole(role, all);
    return auth.enabled ? this.#change(auth) : { type: 'enableAuth', enabled: true };
  }

  #putUser(name: string): AuthCommand {
    const password = hashFor(this.#random.pick(passwords));
    const roles = name === 'root' ? [] : this.#random.pick([roleNames, ['writer'], ['locker']]);
    return { type: 'putUser', name, password, roles, grant: [], revoke: [] };
  }

  #change(auth: AuthView): AuthCommand {
    const name = this.#random.pick(userNames);
    const dice = this.#random.float();
    if (dice < 0.35) return this.#moveRole(auth, name);
    if (dice < 0.6) return this.#newPassword(this.#random.chance(0.2) ? 'root' : name);
    if (dice < 0.7) return { type: 'deleteUser', name };
    if (dice < 0.74) return { type: 'deleteRole', name: this.#random.pick(roleNames) };
    if (dice < 0.97) return this.#movePermissions(auth);
    return { type: 'enableAuth', enabled: false };
  }

  #newPassword(name: string): AuthCommand {
    const password = hashFor(this.#random.pick(passwords));
    return { type: 'putUser', name, password, roles: [], grant: [], revoke: [] };
  }

  #moveRole(auth: AuthView, name: string): AuthCommand {
    const role = this.#random.pick(roleNames);
    const [grant, revoke] = auth.user(name)?.roles.includes(role) ? [[], [role]] : [[role], []];
    return { type: 'putUser', name, password: undefined, roles: [], grant, revoke };
  }

  /** Grants what is not there, and revokes what is. */
  #movePermissions(auth: AuthView): AuthCommand {
    const name = this.#random.pick(['guest', ...roleNames, ...roleNames]);
    const known = auth.role(name)?.permissions ?? noPermissions;
    const some = { ...noPermissions, ...this.#random.pick(grantable) };
    const isThere = Object.entries(some).every(([each, patterns]) =>
      patterns.every((pattern) => known[each as keyof Permissions].includes(pattern)),
    );
    const [grant, revoke] = isThere ? [undefined, some] : [some, undefined];
    return { type: 'putRole', name, permissions: noPermissions, grant, revoke };
  }
}

function putRole(name: string, permissions: Permissions): AuthCommand {
  return { type: 'putRole', name, permissions, grant: undefined, revoke: undefined };
}
