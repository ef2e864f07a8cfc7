import type { AuthCommand, PutRoleCommand, PutUserCommand } from '../../src/command/auth.js';
import type { Command } from '../../src/command/command.js';
import type { CommandResult } from '../../src/command/command-result.js';
import { errorTable } from '../../src/command/errors.js';
import { type Identity, isByCertificate } from '../../src/command/identity.js';
import type { LockSpace } from '../../src/command/lock-path.js';
import { type Permissions, permissionNames } from '../../src/command/permissions.js';
import type { Coverage } from './coverage.js';
import { demand } from './violation.js';

type PermissionName = keyof Permissions;
type AuthCoverage = Pick<
  Coverage,
  'authChanges' | 'guestsRefused' | 'namedServed' | 'proofsOutlived' | 'usersRefused' | 'waitsEnded'
>;
type Patterns = Readonly<Record<PermissionName, ReadonlySet<string>>>;

interface Account {
  readonly revision: number;
  readonly roles: ReadonlySet<string>;
}

/** One of the permissions has a pattern for the name, or for all that begins with it. */
interface Need {
  readonly permissions: readonly PermissionName[];
  readonly name: string;
  readonly recursive: boolean;
}

/** Who asked, and at which place of the log it was applied with which result. */
export interface AskedCommand {
  readonly index: number;
  readonly command: Command;
  readonly identity: Identity | undefined;
  readonly result: CommandResult;
}

/**
 * Users and roles as the log alone makes them: what a command's user may not do at its place in the
 * log is refused there, and nothing else is, whatever its member knew.
 */
export class AuthChecks {
  #enabled = false;
  readonly #users = new Map<string, Account>();
  readonly #roles = new Map<string, Patterns>();
  /** Changes of users and roles while they are asked for. */
  authChanges = 0;
  guestsRefused = 0;
  /** A certificate named the user, whose password may have changed since. */
  namedServed = 0;
  usersRefused = 0;
  /** The user had another revision than it had proved, or was gone. */
  proofsOutlived = 0;
  /** Requests that waited, or were on their way, when their user lost the right. */
  waitsEnded = 0;

  get coverage(): AuthCoverage {
    const { authChanges, guestsRefused, namedServed, usersRefused } = this;
    const { proofsOutlived, waitsEnded } = this;
    return { authChanges, guestsRefused, namedServed, usersRefused, proofsOutlived, waitsEnded };
  }

  /**
   * A client's command took effect, or did not, for the first time. Returns whether it was refused,
   * so that it must have changed nothing.
   */
  onApplied({ index, command, identity, result }: AskedCommand): boolean {
    const errorCode = result.type === 'error' ? result.error.errorCode : undefined;
    // What an earlier boot of a member asked for is void, whoever asks.
    if (errorCode === errorTable.raftInternal.errorCode) return false;
    const isRefused = errorCode === errorTable.unauthorized.errorCode;
    const may = !this.#enabled || this.#may(command, identity);
    const asker =
      identity === undefined ? 'a guest' : `${identity.name}@${identity.revision ?? 'any'}`;
    const told = `${command.type} by ${asker} at ${index}`;
    demand(isRefused || may, `${told} took effect: ${JSON.stringify(result)}`);
    demand(!isRefused || !may, `${told} was refused, and might be done`);
    if (isRefused) this.#count(identity);
    else if (identity !== undefined && isByCertificate(identity)) this.namedServed += 1;
    if (!isRefused && isAuth(command) && result.type === 'done') this.#change(command, index);
    return isRefused;
  }

  #count(identity: Identity | undefined): void {
    if (identity === undefined) this.guestsRefused += 1;
    else if (this.#isCurrent(identity)) this.usersRefused += 1;
    else this.proofsOutlived += 1;
  }

  #isCurrent(identity: Identity): boolean {
    const user = this.#users.get(identity.name);
    if (user === undefined) return false;
    return isByCertificate(identity) || user.revision === identity.revision;
  }

  #may(command: Command, identity: Identity | undefined): boolean {
    const needs = needsOf(command);
    if (needs.length === 0) return true;
    const user = identity && this.#users.get(identity.name);
    if (identity !== undefined && !this.#isCurrent(identity)) return false;
    if (user?.roles.has('root') === true) return true;
    const roles = user === undefined ? ['guest'] : [...user.roles];
    const granted = roles.flatMap((role) => this.#roles.get(role) ?? []);
    return needs.every((need) => granted.some((patterns) => meets(patterns, need)));
  }

  #change(command: AuthCommand, index: number): void {
    if (this.#enabled) this.authChanges += 1;
    if (command.type === 'enableAuth') this.#enable(command.enabled);
    else if (command.type === 'putUser') this.#putUser(command, index);
    else if (command.type === 'putRole') this.#putRole(command);
    else if (command.type === 'deleteUser') this.#users.delete(command.name);
    else this.#roles.delete(command.name);
  }

  #enable(enabled: boolean): void {
    this.#enabled = enabled;
    if (!enabled || this.#roles.has('guest')) return;
    const all = new Set(['/*']);
    this.#roles.set(
      'guest',
      patternsOf((name) => (name.startsWith('key') ? all : new Set())),
    );
  }

  #putUser({ name, password, roles, grant, revoke }: PutUserCommand, index: number): void {
    const known = this.#users.get(name);
    const granted = new Set([...(known?.roles ?? roles), ...grant]);
    for (const role of revoke) granted.delete(role);
    if (name === 'root') granted.add('root');
    const revision = password === undefined ? (known?.revision ?? index) : index;
    this.#users.set(name, { revision, roles: granted });
  }

  #putRole({ name, permissions, grant, revoke }: PutRoleCommand): void {
    const known = this.#roles.get(name);
    const patterns = patternsOf((each) => {
      const kept = new Set([...(known?.[each] ?? permissions[each]), ...(grant?.[each] ?? [])]);
      for (const pattern of revoke?.[each] ?? []) kept.delete(pattern);
      return kept;
    });
    this.#roles.set(name, patterns);
  }
}

function patternsOf(of: (name: PermissionName) => ReadonlySet<string>): Patterns {
  const entries = permissionNames.map((name) => [name, of(name)] as const);
  return Object.fromEntries(entries) as Patterns;
}

/** The paths of timed directories are granted with all that is in them, or not at all. */
function needsOf(command: Command): readonly Need[] {
  if ('fences' in command) {
    const recursive = command.type === 'delete' && command.recursive;
    const write: Need = { permissions: ['keyWrite'], name: command.path, recursive };
    const actions = ['Read', 'Acquire', 'Release'] as const;
    const reads = command.fences.map(({ space, name }) => lockNeed(space, actions, name));
    return [write, ...reads];
  }
  if (command.type === 'acquire' || command.type === 'renew') {
    return [lockNeed(command.space, ['Acquire'], command.name)];
  }
  if (command.type === 'release') return [lockNeed(command.space, ['Release'], command.name)];
  return isAuth(command) ? [{ permissions: ['admin'], name: 'auth', recursive: false }] : [];
}

function lockNeed(
  space: LockSpace,
  actions: readonly ('Acquire' | 'Release' | 'Read')[],
  name: string,
): Need {
  const kind = space === 'lock' ? 'lock' : 'election';
  const permissions = actions.map((action) => `${kind}${action}` as const);
  return { permissions, name, recursive: false };
}

function meets(patterns: Patterns, { permissions, name, recursive }: Need): boolean {
  return permissions.some((permission) =>
    [...patterns[permission]].some((pattern) => {
      const stem = pattern.replace(/\*$/, '');
      return stem === pattern ? !recursive && name === pattern : name.startsWith(stem);
    }),
  );
}

function isAuth(command: Command): command is AuthCommand {
  return /^(enableAuth|(put|delete)(User|Role))$/.test(command.type);
}
