import { isGone } from './lock.js';
import { lockPathOf } from './path.js';
import type { RequestLimits, Requests } from './requests.js';

/** A place in the queue of a lock. */
export interface Place {
  /** Its fencing token. */
  readonly index: number;
  readonly value: string;
  readonly mode: 'exclusive' | 'shared';
  /** In seconds. */
  readonly ttl: number;
}

/** docs/modules.md, "The JSON view". */
export interface LockView {
  readonly name: string;
  readonly limit: number;
  /** Of the last change of holders. */
  readonly index: number;
  readonly holders: readonly (Place & {
    readonly ttlLeft: number;
    /** For people. */
    readonly since: string;
  })[];
  /** Those who wait, in their order. */
  readonly queue: readonly (Place & { readonly waitingSince: string })[];
}

const route = '/mod/v2/lock';

/** @internal */
export async function readLock(
  requests: Requests,
  name: string,
  limits: RequestLimits,
  signal: AbortSignal | undefined,
): Promise<LockView> {
  const path = lockPathOf(route, name);
  const headers = { Accept: 'application/json' };
  const message = { method: 'GET', path, form: {}, headers, repeatable: 'read' } as const;
  const { body } = await requests.send({ ...message, ...limits, signal });
  return JSON.parse(body) as LockView;
}

/** @internal */
export async function releasePlace(
  requests: Requests,
  name: string,
  limits: RequestLimits,
  place: ({ readonly token: number } | { readonly value: string }) & { readonly force?: boolean },
): Promise<boolean> {
  const isToken = 'token' in place;
  const { force } = place;
  const form = isToken ? { index: place.token, force } : { value: place.value, force };
  const repeatable = isToken ? 'idempotent' : 'once';
  const path = lockPathOf(route, name);
  try {
    await requests.send({ method: 'DELETE', path, form, repeatable, ...limits });
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/** One of many locks, without those who wait. */
export interface LockSummary {
  readonly name: string;
  readonly limit: number;
  /** The first ones, if there are many. */
  readonly holders: LockView['holders'];
  /** How many hold, and how many wait. */
  readonly holding: number;
  readonly waiting: number;
}

/**
 * Every lock that has a place, in the order of the names, page by page.
 * @internal
 */
export async function* listLocks(
  requests: Requests,
  limits: RequestLimits,
): AsyncGenerator<LockSummary, void, undefined> {
  const headers = { Accept: 'application/json' };
  let after: string | undefined;
  do {
    const form = { after };
    const message = {
      method: 'GET',
      path: `${route}/`,
      form,
      headers,
      repeatable: 'read',
    } as const;
    const { body } = await requests.send({ ...message, ...limits });
    const page = JSON.parse(body) as LockPage;
    yield* page.locks;
    after = page.next ?? undefined;
  } while (after !== undefined);
}

interface LockPage {
  readonly locks: readonly LockSummary[];
  readonly next: string | null;
}
