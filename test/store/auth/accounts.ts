import type { AuthCommand, PasswordHash } from '../../../src/command/auth.js';
import type { CommandResult } from '../../../src/command/command-result.js';
import type { Identity } from '../../../src/command/identity.js';
import { noPermissions, type Permissions } from '../../../src/command/permissions.js';
import { StateMachine } from '../../../src/store/state-machine.js';
import { register } from '../commands.js';
import { Log, memberA } from '../log.js';

/** Nobody logs in with it: what the state keeps of a password decides nothing there. */
export const somePassword: PasswordHash = {
  cost: 1024,
  blockSize: 8,
  parallelization: 1,
  salt: Uint8Array.of(1, 2),
  hash: Uint8Array.of(3, 4),
};

export function putUser(name: string, roles: readonly string[] = []): AuthCommand {
  return { type: 'putUser', name, password: somePassword, roles, grant: [], revoke: [] };
}

export function grantRoles(
  name: string,
  grant: readonly string[],
  revoke: readonly string[] = [],
): AuthCommand {
  return { type: 'putUser', name, password: undefined, roles: [], grant, revoke };
}

export function putRole(name: string, some: Partial<Permissions>): AuthCommand {
  const permissions = { ...noPermissions, ...some };
  return { type: 'putRole', name, permissions, grant: undefined, revoke: undefined };
}

export function mergeRole(
  name: string,
  grant: Partial<Permissions>,
  revoke: Partial<Permissions> = {},
): AuthCommand {
  return {
    ...{ type: 'putRole', name, permissions: noPermissions },
    ...{ grant: { ...noPermissions, ...grant }, revoke: { ...noPermissions, ...revoke } },
  };
}

export const enableAuth: AuthCommand = { type: 'enableAuth', enabled: true };

/** A log in which clients ask through one member, as the users that they are. */
export class AuthLog extends Log {
  #sequence = 0;

  constructor() {
    super(new StateMachine());
    const formatVersionMax = 2;
    this.ask(undefined, { ...register('disk'), formatVersionMax });
    this.apply({ type: 'raiseClusterVersion', version: 2 });
  }

  /** With root, and users asked for. The guest role permits nothing. */
  static enabled(): AuthLog {
    const log = new AuthLog();
    log.ask(undefined, putUser('root'));
    log.ask(undefined, putRole('guest', {}));
    log.ask(undefined, enableAuth);
    return log;
  }

  ask(identity: Identity | undefined, command: Parameters<Log['apply']>[0]): CommandResult {
    this.#sequence += 1;
    return this.apply(command, {
      ...{ memberId: memberA, boot: 1, sequence: this.#sequence, settledBelow: 1 },
      identity,
    });
  }

  askAs(name: string, command: Parameters<Log['apply']>[0]): CommandResult {
    return this.ask(this.identity(name), command);
  }

  /** As the user who is there now has proved it. */
  identity(name: string): Identity & { readonly revision: number } {
    const { revision } = this.machine.auth.user(name) ?? { revision: 0 };
    return { name, revision };
  }
}
