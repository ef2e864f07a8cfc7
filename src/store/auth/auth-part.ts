import type { AuthCommand } from '../../command/auth.js';
import type { Command } from '../../command/command.js';
import type { CommandResult } from '../../command/command-result.js';
import type { Identity } from '../../command/identity.js';
import { permissionNames } from '../../command/permissions.js';
import type { EventFeed } from '../events/event-feed.js';
import type { ApplyContext } from '../part/apply-context.js';
import { done, failed } from '../part/outcome.js';
import type { CommandPart, HashedPart, RecordedPart } from '../part/part.js';
import type { RecordReader, SnapshotRecord } from '../part/snapshot-record.js';
import type { StateHash } from '../part/state-hash.js';
import type { Asker } from '../sessions/session.js';
import { Accounts } from './accounts.js';
import { applyTo } from './auth-commands.js';
import type { AuthListeners } from './auth-listeners.js';
import { authReaders, authRecords } from './auth-records.js';
import { rightsFor } from './command-rights.js';

interface Subjects {
  readonly feed: EventFeed;
  readonly listeners: AuthListeners;
  /** Whether there is a directory at the path. */
  readonly isDirectory: (path: string) => boolean;
}

/** Users and roles, and what they permit at this place of the log. */
export class AuthPart implements CommandPart<AuthCommand>, HashedPart, RecordedPart {
  readonly accounts = new Accounts();
  readonly #feed: EventFeed;
  readonly #listeners: AuthListeners;
  readonly #isDirectory: (path: string) => boolean;

  constructor({ feed, listeners, isDirectory }: Subjects) {
    this.#feed = feed;
    this.#listeners = listeners;
    this.#isDirectory = isDirectory;
  }

  apply(command: AuthCommand, _asker: Asker | undefined, context: ApplyContext): CommandResult {
    const { etcdIndex } = this.#feed;
    const change = applyTo(this.accounts, command, context.index);
    if (!change.ok) return failed(change.error.error, `auth: ${change.error.cause}`, etcdIndex);
    this.#listeners.changed();
    if (change.value !== 'created') return done(etcdIndex);
    return { type: 'done', etcdIndex, created: true };
  }

  /**
   * The result of a client's command that must have no effect, since its user may not do that at
   * this place of the log; undefined when it may go on.
   */
  refusal(command: Command, identity: Identity | undefined): CommandResult | undefined {
    if (!this.accounts.enabled) return undefined;
    const rights = rightsFor(command, this.#isDirectory);
    if (rights.every((right) => this.accounts.allows(identity, right))) return undefined;
    return failed('unauthorized', 'Insufficient credentials', this.#feed.etcdIndex);
  }

  /** Nothing while there is nothing: the hash is then that of a release without users. */
  addTo(hash: StateHash): void {
    const { enabled } = this.accounts;
    const users = this.accounts.allUsers();
    const roles = this.accounts.allRoles();
    if (!enabled && users.length === 0 && this.accounts.roles.size === 0) return;
    hash.add(enabled, users.length, roles.length);
    for (const { name, password, revision, roles: granted } of users) {
      const { cost, blockSize, parallelization, salt, hash: key } = password;
      hash.add(name, revision, cost, blockSize, parallelization);
      hash.add(...salt, ...key, granted.length, ...granted);
    }
    for (const { name, permissions } of roles) {
      hash.add(name);
      for (const each of permissionNames) hash.add(permissions[each].length, ...permissions[each]);
    }
  }

  records(): Iterable<SnapshotRecord> {
    return authRecords(this.accounts);
  }

  readers(): readonly RecordReader[] {
    return authReaders(this.accounts);
  }
}
