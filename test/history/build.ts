import type {
  AcquireOperation,
  LockOperation,
  ReleaseOperation,
  RenewOperation,
  SeenEntry,
  ViewOperation,
} from './operation.js';
import { alone } from './operation.js';

type Times = readonly [start: number, end: number];

const lock = 'a';

/**
 * Histories by hand: one lock, a TTL of 1000 ms, exclusive, no value, unless it is said otherwise.
 */
export function acquire(
  client: string,
  [start, end]: Times,
  outcome: number | 'fail' | 'removed' | 'unknown' | { readonly kept: number },
  rest: Partial<Pick<AcquireOperation, 'value' | 'ttlMs' | 'claim' | 'tryOnly' | 'place'>> = {},
): AcquireOperation {
  const usual = { value: '', ttlMs: 1000, claim: alone, tryOnly: false, place: undefined };
  const result = resultOf(outcome);
  return { type: 'acquire', client, lock, start, end, result, ...usual, ...rest };
}

function resultOf(outcome: Parameters<typeof acquire>[2]): AcquireOperation['result'] {
  if (typeof outcome === 'string') return { type: outcome };
  if (typeof outcome === 'number') return { type: 'ok', token: outcome };
  return { type: 'kept', token: outcome.kept };
}

export function renew(
  client: string,
  [start, end]: Times,
  token: number,
  result: RenewOperation['result'],
  ttlMs = 1000,
): RenewOperation {
  return { type: 'renew', client, lock, start, end, token, result, ttlMs };
}

export function release(
  client: string,
  [start, end]: Times,
  token: number,
  result: ReleaseOperation['result'],
): ReleaseOperation {
  return { type: 'release', client, lock, start, end, token, result };
}

/** A queue entry is its token; "7 me" is the queue entry 7 with the value "me". */
export function view(
  client: string,
  [start, end]: Times,
  holders: readonly (number | string)[],
  waiting: readonly (number | string)[] = [],
): ViewOperation {
  const entries = (seen: readonly (number | string)[]) => seen.map(entryOf);
  return {
    ...{ type: 'view', client, lock, start, end },
    ...{ holders: entries(holders), waiting: entries(waiting) },
  };
}

function entryOf(seen: number | string): SeenEntry {
  const [token = '', value = ''] = String(seen).split(' ');
  return { token: Number(token), value };
}

export type History = readonly LockOperation[];
