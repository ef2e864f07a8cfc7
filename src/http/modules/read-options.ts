import { type ChangeSource, changeSince } from '../../lock/change-source.js';
import { UnavailableError } from '../../member/coordinator.js';
import { ApiError } from '../../service/api-error.js';
import type { ServiceContext } from '../../service/service-context.js';
import { booleanParameter, decimalParameter, parseDecimal } from '../parameters.js';
import type { ApiRequest } from '../server/api-request.js';
import type { Parameters } from '../server/form.js';

/** Makes the read linearizable, unless the client says `quorum=false`. */
export async function readBarrier(
  { coordinator, requestTimeoutMs }: ServiceContext,
  { parameters }: ApiRequest,
): Promise<void> {
  const quorum = booleanParameter(parameters, 'quorum', 'invalid value for "quorum"');
  if (quorum !== false) await coordinator.readBarrier(requestTimeoutMs);
}

export interface Wait {
  /** Undefined: any change after now. */
  readonly sinceIndex: number | undefined;
}

export function waitOf(parameters: Parameters): Wait | undefined {
  const wait = booleanParameter(parameters, 'wait', 'invalid value for "wait"') ?? false;
  const sinceIndex = waitIndexOf(parameters);
  return wait ? { sinceIndex } : undefined;
}

function waitIndexOf(parameters: Parameters): number | undefined {
  return decimalParameter(parameters, 'waitIndex', 'indexNaN', 'invalid value for "waitIndex"');
}

/** @throws {UnavailableError} when this member stops first, or the client is gone. */
export async function waitForChange(
  { coordinator, waitLimit }: ServiceContext,
  { signal }: ApiRequest,
  source: ChangeSource,
  { sinceIndex }: Wait,
): Promise<void> {
  const since = sinceIndex ?? coordinator.state.etcdIndex + 1;
  const release = waitLimit.enter();
  const hasChanged = await changeSince(source, since, signal);
  release();
  if (!hasChanged) throw new UnavailableError('this member stops', 'none');
}

/** The index of the last change that the client of a stream has seen; undefined when it is new. */
export function knownIndexOf({ headers, parameters }: ApiRequest): number | undefined {
  const lastId = headers['last-event-id'];
  if (lastId === undefined || lastId === '') {
    const waitIndex = waitIndexOf(parameters);
    return waitIndex === undefined ? undefined : Math.max(0, waitIndex - 1);
  }
  const known = typeof lastId === 'string' ? parseDecimal(lastId) : undefined;
  if (known === undefined) {
    throw new ApiError('indexNaN', 'Last-Event-ID must be the id of an event of this stream');
  }
  return known;
}

export function accepts({ headers }: ApiRequest, type: string): boolean {
  return headers.accept?.toLowerCase().includes(type) ?? false;
}
