import type { Fence } from '../../command/fence.js';
import type { KeyCommand } from '../../command/keys.js';
import { cleanPath, pathProblem } from '../../command/path.js';
import { ApiError } from '../../service/api-error.js';
import { booleanParameter, decimalParameter, parseDecimal, ttlSecondsMax } from '../parameters.js';
import type { ApiRequest } from '../server/api-request.js';
import type { Parameters } from '../server/form.js';
import { fencesOf } from './fences.js';

/** The checked parameters of a request to /v2/keys, from which its command is made. */
export interface KeyRequest {
  readonly path: string;
  readonly value: string;
  readonly dir: boolean;
  readonly recursive: boolean;
  readonly sorted: boolean;
  /** Whether a listing has hidden keys. (etcd's never have.) */
  readonly hidden: boolean;
  readonly wait: boolean;
  readonly stream: boolean;
  /** Whether the client asks for a linearizable read, or for a local one; undefined: neither. */
  readonly quorum: boolean | undefined;
  /** Zero: the next change. */
  readonly waitIndex: number;
  readonly prevIndex: number | undefined;
  readonly prevValue: string | undefined;
  readonly prevExist: boolean | undefined;
  readonly refresh: boolean;
  readonly ttlMs: number | undefined;
  readonly noValueOnSuccess: boolean;
  readonly fences: readonly Fence[];
}

/** Checks in etcd's order, so that of two mistakes the same one is reported. */
export function parseKeyRequest({ method, segments, parameters }: ApiRequest): KeyRequest {
  const prevIndex = indexField(parameters, 'prevIndex');
  const waitIndex = indexField(parameters, 'waitIndex');
  const recursive = flag(parameters, 'recursive');
  const sorted = flag(parameters, 'sorted');
  const hidden = flag(parameters, 'hidden');
  const wait = flag(parameters, 'wait');
  const dir = flag(parameters, 'dir');
  const quorum = booleanParameter(parameters, 'quorum', 'invalid value for "quorum"');
  const stream = flag(parameters, 'stream');
  if (wait && method !== 'GET') {
    throw new ApiError('invalidField', '"wait" can only be used with GET requests');
  }
  const prevValue = parameters.get('prevValue');
  if (prevValue === '') throw new ApiError('prevValueRequired', '"prevValue" cannot be empty');
  const noValueOnSuccess = flag(parameters, 'noValueOnSuccess');
  const ttlMs = keyTtl(parameters);
  const prevExist = booleanParameter(parameters, 'prevExist', 'invalid value for prevExist');
  const refresh = booleanParameter(parameters, 'refresh', 'invalid value for refresh') ?? false;
  const value = parameters.get('value') ?? '';
  if (refresh) checkRefresh(value, ttlMs);
  return {
    path: keyPath(segments),
    value,
    dir,
    recursive,
    sorted,
    hidden,
    // In etcd, an explicit quorum read goes through the log, and such a request does not wait.
    wait: wait && quorum !== true,
    stream,
    quorum,
    waitIndex: waitIndex ?? 0,
    // No key has index zero: as in etcd, it is no condition.
    prevIndex: prevIndex === 0 ? undefined : prevIndex,
    prevValue,
    prevExist,
    refresh,
    ttlMs,
    noValueOnSuccess,
    fences: fencesOf(method, parameters),
  };
}

/** Cleaned as in etcd. */
export function keyPath(segments: readonly string[]): string {
  const path = cleanPath(`/${segments.join('/')}`);
  const problem = pathProblem(path);
  if (problem !== undefined) throw new ApiError('invalidForm', problem);
  return path;
}

function flag(parameters: Parameters, name: string): boolean {
  if (!parameters.has(name)) return false;
  return booleanParameter(parameters, name, `invalid value for "${name}"`) ?? false;
}

function indexField(parameters: Parameters, name: string): number | undefined {
  return decimalParameter(parameters, name, 'indexNaN', `invalid value for "${name}"`);
}

/** An empty TTL means none: that removes an earlier TTL. */
function keyTtl(parameters: Parameters): number | undefined {
  const text = parameters.get('ttl') ?? '';
  if (text === '') return undefined;
  const seconds = parseDecimal(text);
  if (seconds === undefined || seconds > ttlSecondsMax) {
    throw new ApiError('ttlNaN', 'invalid value for "ttl"');
  }
  return seconds * 1000;
}

function checkRefresh(value: string, ttlMs: number | undefined): void {
  if (value !== '') throw new ApiError('refreshValue', 'A value was provided on a refresh');
  if (ttlMs === undefined) throw new ApiError('refreshTtlRequired', 'No TTL value set');
}

/** The command of a PUT depends on its conditions (etcd v2, "Atomic Compare-and-Swap"). */
export function putCommand(request: KeyRequest): KeyCommand {
  const { path, fences, value, dir, ttlMs, refresh, prevExist, prevIndex, prevValue } = request;
  if (prevExist === false) return { type: 'create', path, fences, value, dir, ttlMs };
  if (prevIndex !== undefined || prevValue !== undefined) {
    return { type: 'compareAndSwap', path, fences, value, ttlMs, refresh, prevIndex, prevValue };
  }
  if (prevExist === true) return { type: 'update', path, fences, value, ttlMs, refresh };
  return { type: 'set', path, fences, value, dir, ttlMs, refresh };
}

export function postCommand({ path, fences, value, dir, ttlMs }: KeyRequest): KeyCommand {
  return { type: 'createInOrder', path, fences, value, dir, ttlMs };
}

export function deleteCommand(request: KeyRequest): KeyCommand {
  const { path, fences, prevIndex, prevValue } = request;
  if (prevIndex !== undefined || prevValue !== undefined) {
    return { type: 'compareAndDelete', path, fences, prevIndex, prevValue };
  }
  const { dir, recursive } = request;
  return { type: 'delete', path, fences, dir, recursive };
}
