import type { HoldMode } from '../../command/hold-rules.js';
import { holdProblem, limitMax } from '../../command/hold-rules.js';
import type { LockSpace } from '../../command/lock-path.js';
import type { AcquireCommand } from '../../command/locks.js';
import { lockName } from '../../lock/lock-name.js';
import { ApiError } from '../../service/api-error.js';
import { booleanParameter, decimalParameter, parseDecimal, ttlSecondsMax } from '../parameters.js';
import type { RequestHead } from '../server/api-request.js';
import type { Parameters } from '../server/form.js';

/** A timer of Node waits 2^31 - 1 ms at most. */
const timeoutSecondsMax = 2_147_483;

export function nameOf({ segments }: RequestHead): string {
  const name = lockName(segments);
  if (!name.ok) throw new ApiError('invalidField', name.error);
  return name.value;
}

/** Required, in whole seconds: a lock without a TTL would outlive its holder. */
export function ttlMsOf(parameters: Parameters): number {
  const text = parameters.get('ttl');
  if (text === undefined) throw new ApiError('ttlNaN', 'ttl is required');
  const seconds = parseDecimal(text);
  if (seconds === undefined || seconds === 0) {
    throw new ApiError('ttlNaN', 'ttl must be a whole number of seconds, at least 1');
  }
  if (seconds > ttlSecondsMax) {
    throw new ApiError('ttlNaN', `ttl must be at most ${ttlSecondsMax} seconds`);
  }
  return seconds * 1000;
}

/** Infinite when the client gives none. */
export function timeoutMsOf(parameters: Parameters): number {
  const text = parameters.get('timeout');
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const seconds = parseDecimal(text);
  if (seconds === undefined) {
    throw new ApiError('timeoutNaN', 'timeout must be a whole number of seconds, or 0 for one try');
  }
  if (seconds > timeoutSecondsMax) {
    throw new ApiError('timeoutNaN', `timeout must be at most ${timeoutSecondsMax} seconds`);
  }
  return seconds * 1000;
}

/** Which clients hold together: by default one alone. */
export function holdOf(
  space: LockSpace,
  parameters: Parameters,
): Pick<AcquireCommand, 'mode' | 'limit'> {
  const mode = modeOf(parameters.get('mode') ?? 'exclusive');
  const limit = limitOf(parameters.get('limit') ?? '1');
  const problem = holdProblem({ space, mode, limit });
  if (problem !== undefined) throw new ApiError('invalidField', problem);
  return { mode, limit };
}

function modeOf(text: string): HoldMode {
  if (text === 'exclusive' || text === 'shared') return text;
  throw new ApiError('invalidField', 'mode must be "exclusive" or "shared"');
}

function limitOf(text: string): number {
  const limit = parseDecimal(text);
  if (limit !== undefined) return limit;
  throw new ApiError('invalidField', `limit must be a whole number from 1 to ${limitMax}`);
}

/** Names a queue entry by its index, its value, or both. An empty parameter counts as absent. */
export interface QueueEntryReference {
  readonly index: number | undefined;
  readonly value: string | undefined;
}

export function entryOf(parameters: Parameters): QueueEntryReference {
  const value = parameters.get('value') || undefined;
  const index = parameters.get('index') === '' ? undefined : indexOf(parameters);
  if (index === undefined && value === undefined) {
    throw new ApiError('indexOrValueRequired', 'give the index, or the value, of a place');
  }
  return { index, value };
}

export function oneEntryOf(parameters: Parameters): QueueEntryReference {
  const entry = entryOf(parameters);
  if (entry.index !== undefined && entry.value !== undefined) {
    throw new ApiError('indexValueMutex', 'give the index or the value, not both');
  }
  return entry;
}

/** The index of a place. */
export function indexOf(parameters: Parameters): number | undefined {
  return decimalParameter(parameters, 'index', 'indexNaN', 'index must be a plain decimal number');
}

/** One candidate, by its name or its index. */
export function oneCandidateOf(parameters: Parameters): QueueEntryReference {
  const index = indexOf(parameters);
  if (index === undefined) return { index, value: candidateOf(parameters) };
  if (parameters.has('name')) {
    throw new ApiError('indexValueMutex', 'give the index or the name, not both');
  }
  return { index, value: undefined };
}

/** Whether somebody else than the owner releases. */
export function forcedOf(parameters: Parameters): true | undefined {
  return booleanParameter(parameters, 'force', 'force must be true or false') || undefined;
}

/** The candidate's name, by which its queue entry is known. */
export function candidateOf(parameters: Parameters): string {
  const name = parameters.get('name') ?? '';
  if (name === '') throw new ApiError('nameRequired', 'name is required and cannot be empty');
  return name;
}

/** Whether the place stays for its TTL when the request ends without the lock. */
export function keepsPlaceOf(parameters: Parameters): boolean {
  return booleanParameter(parameters, 'keep', 'keep must be "true" or "false"') ?? false;
}

/** Whether the lock is held by the connection, and released when that closes. */
export function holdsConnectionOf(parameters: Parameters): boolean {
  const hold = parameters.get('hold');
  if (hold !== undefined && hold !== 'connection') {
    throw new ApiError('invalidField', 'hold must be "connection"');
  }
  return hold !== undefined;
}
