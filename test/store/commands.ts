import { noFences } from '../../src/command/fence.js';
import type {
  CompareAndDeleteCommand,
  CompareAndSwapCommand,
  CreateCommand,
  CreateInOrderCommand,
  DeleteCommand,
  SetCommand,
  UpdateCommand,
} from '../../src/command/keys.js';
import type {
  AcquireCommand,
  CancelAcquireCommand,
  ReleaseCommand,
  RenewCommand,
} from '../../src/command/locks.js';
import type { RegisterCommand } from '../../src/command/members.js';

/** Commands with all that a test does not care about filled in. */

function keyWrite(path: string): Pick<SetCommand, 'path' | 'fences' | 'ttlMs'> {
  return { path, fences: noFences, ttlMs: undefined };
}

export function set(path: string, value: string, changes: Partial<SetCommand> = {}): SetCommand {
  return { type: 'set', value, dir: false, refresh: false, ...keyWrite(path), ...changes };
}

export function create(
  path: string,
  value: string,
  changes: Partial<CreateCommand> = {},
): CreateCommand {
  return { type: 'create', value, dir: false, ...keyWrite(path), ...changes };
}

export function makeDir(path: string, ttlMs?: number): CreateCommand {
  return create(path, '', { dir: true, ttlMs });
}

export function createInOrder(
  path: string,
  value: string,
  changes: Partial<CreateInOrderCommand> = {},
): CreateInOrderCommand {
  return { type: 'createInOrder', value, dir: false, ...keyWrite(path), ...changes };
}

export function update(
  path: string,
  value: string,
  changes: Partial<UpdateCommand> = {},
): UpdateCommand {
  return { type: 'update', value, refresh: false, ...keyWrite(path), ...changes };
}

export function compareAndSwap(
  path: string,
  value: string,
  changes: Partial<CompareAndSwapCommand>,
): CompareAndSwapCommand {
  const nothing = { prevValue: undefined, prevIndex: undefined, refresh: false };
  return { type: 'compareAndSwap', value, ...nothing, ...keyWrite(path), ...changes };
}

export function remove(path: string, changes: Partial<DeleteCommand> = {}): DeleteCommand {
  return { type: 'delete', path, fences: noFences, dir: false, recursive: false, ...changes };
}

export function compareAndDelete(
  path: string,
  changes: Partial<CompareAndDeleteCommand>,
): CompareAndDeleteCommand {
  return {
    type: 'compareAndDelete',
    path,
    fences: noFences,
    prevValue: undefined,
    prevIndex: undefined,
    ...changes,
  };
}

export function acquire(
  name: string,
  value: string,
  changes: Partial<AcquireCommand> = {},
): AcquireCommand {
  const alone = { ttlMs: 1000, tryOnly: false, mode: 'exclusive', limit: 1 } as const;
  const told = { holdsConnection: false, index: undefined };
  return { type: 'acquire', space: 'lock', name, value, ...alone, ...told, ...changes };
}

export function renew(name: string, changes: Partial<RenewCommand>): RenewCommand {
  const entry = { index: undefined, value: undefined };
  return { type: 'renew', space: 'lock', name, ttlMs: 1000, ...entry, ...changes };
}

export function release(name: string, changes: Partial<ReleaseCommand>): ReleaseCommand {
  return { type: 'release', space: 'lock', name, index: undefined, value: undefined, ...changes };
}

export function cancelAcquire(
  name: string,
  index: number,
  acquireSequence: number,
  keepIfHolder = false,
  keepForTtl?: boolean,
): CancelAcquireCommand {
  const keeps = { keepIfHolder, keepForTtl };
  return { type: 'cancelAcquire', space: 'lock', name, index, acquireSequence, ...keeps };
}

export function register(incarnation: string): RegisterCommand {
  return {
    type: 'register',
    incarnation,
    name: 'one',
    peerUrls: ['http://one:7001'],
    clientUrls: ['http://one:4001'],
    version: '0.1.0',
    formatVersionMax: 1,
  };
}
