import type { AuthCommand } from '../../command/auth.js';
import type { Command } from '../../command/command.js';
import type { Fence } from '../../command/fence.js';
import type { KeyCommand } from '../../command/keys.js';
import type { Right } from '../../command/right.js';

/**
 * What a client needs for a command. None for the commands that a member proposes by itself; among
 * them is the cancel of an acquire, which concerns nothing but that acquire.
 * @param isDirectory whether there is a directory at the path.
 */
export function rightsFor(
  command: Command,
  isDirectory: (path: string) => boolean,
): readonly Right[] {
  switch (command.type) {
    case 'set':
    case 'create':
    case 'createInOrder':
    case 'update':
    case 'compareAndSwap':
    case 'delete':
    case 'compareAndDelete':
      return [writeRight(command, isDirectory), ...command.fences.map(readRight)];
    case 'acquire':
    case 'renew': {
      const { space, name } = command;
      return [{ type: 'lock', space, action: 'acquire', name, recursive: false }];
    }
    case 'release': {
      const { space, name } = command;
      return [{ type: 'lock', space, action: 'release', name, recursive: false }];
    }
    default:
      return isAuthCommand(command) ? [{ type: 'admin', kind: 'auth' }] : [];
  }
}

/**
 * The end of a directory's TTL removes all that is in it by then, so such a write needs the right
 * to write all of it.
 */
function writeRight(command: KeyCommand, isDirectory: (path: string) => boolean): Right {
  const { path } = command;
  const removesAll =
    command.type === 'delete' ? command.recursive : endsDirectory(command, isDirectory);
  return { type: 'key', action: 'write', path, recursive: removesAll };
}

function endsDirectory(
  command: Exclude<KeyCommand, { readonly type: 'delete' }>,
  isDirectory: (path: string) => boolean,
): boolean {
  if (command.type === 'compareAndDelete' || command.ttlMs === undefined) return false;
  return ('dir' in command && command.dir) || isDirectory(command.path);
}

/** A fence that does not hold tells who holds. */
function readRight({ space, name }: Fence): Right {
  return { type: 'lock', space, action: 'read', name, recursive: false };
}

const authTypes: Readonly<Record<AuthCommand['type'], true>> = {
  enableAuth: true,
  putUser: true,
  deleteUser: true,
  putRole: true,
  deleteRole: true,
};

function isAuthCommand(command: Command): boolean {
  return Object.hasOwn(authTypes, command.type);
}
