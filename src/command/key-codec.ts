import { assertNever } from '../assert.js';
import type {
  CompareAndDeleteCommand,
  CompareAndSwapCommand,
  CreateCommand,
  CreateInOrderCommand,
  DeleteCommand,
  Fence,
  KeyCommand,
  SetCommand,
  UpdateCommand,
} from './command.js';
import { noFences } from './fence.js';
import { MalformedError } from './format-error.js';
import { readLockName, writeLockName } from './lock-codec.js';
import { isCleanPath, pathProblem } from './path.js';
import {
  readFlag,
  readList,
  readOptionalText,
  readOptionalUint,
  readText,
  readUint,
  type WireReader,
  type WireSink,
  writeFlag,
  writeList,
  writeOptionalText,
  writeOptionalUint,
  writeText,
  writeUint,
} from './wire.js';

export function writeKeyCommand(writer: WireSink, command: KeyCommand): void {
  writePath(writer, command.path);
  writeList(writer, command.fences, writeFence);
  switch (command.type) {
    case 'set':
      writeValue(writer, command);
      writeFlag(writer, command.dir);
      writeFlag(writer, command.refresh);
      return;
    case 'create':
    case 'createInOrder':
      writeValue(writer, command);
      writeFlag(writer, command.dir);
      return;
    case 'update':
      writeValue(writer, command);
      writeFlag(writer, command.refresh);
      return;
    case 'compareAndSwap':
      writeValue(writer, command);
      writeConditions(writer, command);
      writeFlag(writer, command.refresh);
      return;
    case 'delete':
      writeFlag(writer, command.dir);
      writeFlag(writer, command.recursive);
      return;
    case 'compareAndDelete':
      writeConditions(writer, command);
      return;
    default:
      assertNever(command);
  }
}

function writeValue(
  writer: WireSink,
  { value, ttlMs }: { readonly value: string; readonly ttlMs: number | undefined },
): void {
  writeText(writer, value);
  writeOptionalUint(writer, ttlMs);
}

function writeConditions(
  writer: WireSink,
  { prevValue, prevIndex }: CompareAndSwapCommand | CompareAndDeleteCommand,
): void {
  writeOptionalText(writer, prevValue);
  writeOptionalUint(writer, prevIndex);
}

export function readSet(reader: WireReader): SetCommand {
  const path = readPath(reader);
  const fences = readFences(reader);
  const value = readText(reader);
  const ttlMs = readOptionalUint(reader);
  const dir = readFlag(reader);
  return { type: 'set', path, fences, value, ttlMs, dir, refresh: readFlag(reader) };
}

export function readCreate(reader: WireReader): CreateCommand {
  const path = readPath(reader);
  const fences = readFences(reader);
  const value = readText(reader);
  const ttlMs = readOptionalUint(reader);
  return { type: 'create', path, fences, value, ttlMs, dir: readFlag(reader) };
}

export function readCreateInOrder(reader: WireReader): CreateInOrderCommand {
  return { ...readCreate(reader), type: 'createInOrder' };
}

export function readUpdate(reader: WireReader): UpdateCommand {
  const path = readPath(reader);
  const fences = readFences(reader);
  const value = readText(reader);
  const ttlMs = readOptionalUint(reader);
  return { type: 'update', path, fences, value, ttlMs, refresh: readFlag(reader) };
}

export function readCompareAndSwap(reader: WireReader): CompareAndSwapCommand {
  const path = readPath(reader);
  const fences = readFences(reader);
  const value = readText(reader);
  const ttlMs = readOptionalUint(reader);
  const prevValue = readOptionalText(reader);
  const prevIndex = readOptionalUint(reader);
  const refresh = readFlag(reader);
  return { type: 'compareAndSwap', path, fences, value, ttlMs, prevValue, prevIndex, refresh };
}

export function readDelete(reader: WireReader): DeleteCommand {
  const path = readPath(reader);
  const fences = readFences(reader);
  const dir = readFlag(reader);
  return { type: 'delete', path, fences, dir, recursive: readFlag(reader) };
}

export function readCompareAndDelete(reader: WireReader): CompareAndDeleteCommand {
  const path = readPath(reader);
  const fences = readFences(reader);
  const prevValue = readOptionalText(reader);
  return { type: 'compareAndDelete', path, fences, prevValue, prevIndex: readOptionalUint(reader) };
}

function writeFence(writer: WireSink, fence: Fence): void {
  writeLockName(writer, fence);
  writeUint(writer, fence.index);
}

function readFences(reader: WireReader): readonly Fence[] {
  const fences = readList(reader, readFence);
  return fences.length === 0 ? noFences : fences;
}

function readFence(reader: WireReader): Fence {
  const { space, name } = readLockName(reader);
  return { space, name, index: readUint(reader) };
}

export function writePath(writer: WireSink, path: string): void {
  checkPath(path);
  writeText(writer, path);
}

export function readPath(reader: WireReader): string {
  const path = readText(reader);
  checkPath(path);
  return path;
}

function checkPath(path: string): void {
  if (!isCleanPath(path)) throw new MalformedError(`not a clean path: ${path}`);
  const problem = pathProblem(path);
  if (problem !== undefined) throw new MalformedError(problem);
}
