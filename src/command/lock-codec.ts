import { assertNever } from '../assert.js';
import type {
  AcquireCommand,
  HoldMode,
  LeaveCommand,
  LockCommand,
  LockSpace,
  ReleaseCommand,
  RenewCommand,
} from './command.js';
import { MalformedError } from './format-error.js';
import { holdProblem } from './hold-rules.js';
import { isLockName } from './lock-path.js';
import {
  readFlag,
  readOptionalText,
  readOptionalUint,
  readText,
  readUint,
  type WireReader,
  type WireSink,
  writeFlag,
  writeOptionalText,
  writeOptionalUint,
  writeText,
  writeUint,
} from './wire.js';

interface LockName {
  readonly space: LockSpace;
  readonly name: string;
}

export function writeLockCommand(writer: WireSink, command: LockCommand): void {
  writeLockName(writer, command);
  switch (command.type) {
    case 'acquire':
      checkHold(command);
      writeText(writer, command.value);
      writeUint(writer, command.ttlMs);
      writeFlag(writer, command.tryOnly);
      writeHoldMode(writer, command.mode);
      writeUint(writer, command.limit);
      writeFlag(writer, command.holdsConnection);
      return;
    case 'renew':
      writeOptionalUint(writer, command.index);
      writeOptionalText(writer, command.value);
      writeUint(writer, command.ttlMs);
      return;
    case 'release':
      writeOptionalUint(writer, command.index);
      writeOptionalText(writer, command.value);
      return;
    case 'leave':
      writeUint(writer, command.index);
      writeUint(writer, command.acquireSequence);
      writeFlag(writer, command.keepIfHolder);
      return;
    default:
      assertNever(command);
  }
}

export function readAcquire(reader: WireReader): AcquireCommand {
  const { space, name } = readLockName(reader);
  const value = readText(reader);
  const ttlMs = readUint(reader);
  const tryOnly = readFlag(reader);
  const mode = readHoldMode(reader);
  const limit = readUint(reader);
  const holdsConnection = readFlag(reader);
  checkHold({ space, mode, limit });
  return { type: 'acquire', space, name, value, ttlMs, tryOnly, mode, limit, holdsConnection };
}

export function readRenew(reader: WireReader): RenewCommand {
  const { space, name } = readLockName(reader);
  const index = readOptionalUint(reader);
  const value = readOptionalText(reader);
  return { type: 'renew', space, name, index, value, ttlMs: readUint(reader) };
}

export function readRelease(reader: WireReader): ReleaseCommand {
  const { space, name } = readLockName(reader);
  const index = readOptionalUint(reader);
  return { type: 'release', space, name, index, value: readOptionalText(reader) };
}

export function readLeave(reader: WireReader): LeaveCommand {
  const { space, name } = readLockName(reader);
  const index = readUint(reader);
  const acquireSequence = readUint(reader);
  return { type: 'leave', space, name, index, acquireSequence, keepIfHolder: readFlag(reader) };
}

export function writeLockName(writer: WireSink, { space, name }: LockName): void {
  checkLockName(name);
  writeFlag(writer, space === 'leader');
  writeText(writer, name);
}

export function readLockName(reader: WireReader): LockName {
  const space = readFlag(reader) ? 'leader' : 'lock';
  const name = readText(reader);
  checkLockName(name);
  return { space, name };
}

function checkLockName(name: string): void {
  if (!isLockName(name)) throw new MalformedError(`not a name of a lock: ${name}`);
}

export function writeHoldMode(writer: WireSink, mode: HoldMode): void {
  writeFlag(writer, mode === 'shared');
}

export function readHoldMode(reader: WireReader): HoldMode {
  return readFlag(reader) ? 'shared' : 'exclusive';
}

function checkHold(asked: Pick<AcquireCommand, 'space' | 'mode' | 'limit'>): void {
  const problem = holdProblem(asked);
  if (problem !== undefined) throw new MalformedError(problem);
}
