import { ApiError } from './failure.js';
import { Fields } from './fields.js';
import { type Answer, ask, pathOf, type Question } from './request.js';

/** Locks and elections have the same API. */
export type Space = 'lock' | 'leader';

export interface Summary {
  readonly name: string;
  readonly limit: number;
  readonly holders: readonly Pick<Holder, 'value' | 'client' | 'index'>[];
  readonly holding: number;
  readonly waiting: number;
}

export interface SummaryList {
  readonly index: number;
  readonly locks: readonly Summary[];
  /** There are further pages. */
  readonly hasMore: boolean;
}

/** Times are on the page's clock. */
export interface Holder {
  readonly index: number;
  readonly value: string;
  /** The address of its client, where it has no value. */
  readonly client: string | undefined;
  readonly mode: string;
  readonly ttlMs: number;
  readonly expiresAt: number;
  readonly since: number;
}

export interface Waiter {
  readonly index: number;
  readonly value: string;
  readonly client: string | undefined;
  readonly mode: string;
  readonly ttlMs: number;
  readonly waitingSince: number;
}

export interface Change {
  readonly action: string;
  readonly index: number;
  readonly value: string;
  readonly at: number;
}

export interface QueueView {
  readonly name: string;
  readonly limit: number;
  readonly holders: readonly Holder[];
  readonly queue: readonly Waiter[];
  /** The oldest first. */
  readonly history: readonly Change[];
}

export interface ListWish {
  readonly space: Space;
  readonly prefix: string;
  /** Waits for a change after this index; undefined: answers at once. */
  readonly changedSince: number | undefined;
}

export const namesMax = 1000;
const waitMs = 25_000;
const json = 'application/json';

/** @throws {ApiError} */
export async function listLocks(wish: ListWish, signal: AbortSignal): Promise<SummaryList> {
  const { changedSince } = wish;
  if (changedSince !== undefined) {
    const wait = { wait: 'true', waitIndex: String(changedSince + 1) };
    try {
      return await list(wish, wait, waitMs, signal);
    } catch (error) {
      // Either nothing changed for so long, or the member is gone: a plain request finds out.
      if (!(error instanceof ApiError && error.failure.type === 'unreachable')) throw error;
    }
  }
  return await list(wish, {}, undefined, signal);
}

async function list(
  { space, prefix }: ListWish,
  wait: Readonly<Record<string, string>>,
  timeoutMs: number | undefined,
  signal: AbortSignal,
): Promise<SummaryList> {
  const query = { max: String(namesMax), prefix, ...wait };
  const path = `mod/v2/${space}/`;
  const limit = timeoutMs === undefined ? {} : { timeoutMs };
  const { body } = await ask({ method: 'GET', path, query, accept: json, signal, ...limit });
  const fields = new Fields(body, 'the list');
  return {
    index: fields.number('index'),
    locks: fields.list('locks', summaryOf),
    hasMore: fields.optionalText('next') !== undefined,
  };
}

/** @throws {ApiError} */
export async function readQueue(
  space: Space,
  name: string,
  signal: AbortSignal,
): Promise<QueueView> {
  const path = queuePath(space, name);
  const answer = await ask({ method: 'GET', path, accept: json, signal });
  const fields = new Fields(answer.body, 'the queue');
  const toPageClock = pageClockOf(answer);
  return {
    name: fields.text('name'),
    limit: fields.number('limit'),
    holders: fields.list('holders', (holder) => ({
      ...entryOf(holder),
      expiresAt: performance.now() + holder.number('ttlLeft') * 1000,
      since: toPageClock(holder.text('since')),
    })),
    queue: fields.list('queue', (waiter) => ({
      ...entryOf(waiter),
      waitingSince: toPageClock(waiter.text('waitingSince')),
    })),
    history: fields.list('history', (change) => ({
      action: change.text('action'),
      index: change.number('place'),
      value: change.text('value'),
      at: toPageClock(change.text('time')),
    })),
  };
}

/** Removes the entry from the queue, whether it holds or waits. @throws {ApiError} */
export async function removeEntry(
  space: Space,
  name: string,
  entry: Pick<Holder, 'index' | 'value'>,
): Promise<void> {
  const { path, query } = removalOf(space, name, entry);
  await ask({ method: 'DELETE', path, query, signal: new AbortController().signal });
}

/** The request that removes it: by force, since this page is not the owner. */
export function removalOf(
  space: Space,
  name: string,
  { index, value }: Pick<Holder, 'index' | 'value'>,
): Required<Pick<Question, 'path' | 'query'>> {
  const which: Record<string, string> =
    space === 'lock' ? { index: String(index) } : { name: value };
  return { path: queuePath(space, name), query: { ...which, force: 'true' } };
}

export function queuePath(space: Space, name: string): string {
  return pathOf(`mod/v2/${space}/`, name);
}

/** The clock of the browser's machine may be wrong, so times are converted to ages. */
function pageClockOf({ serverTimeMs }: Answer): (time: string) => number {
  const now = performance.now();
  return (time) => now - Math.max(0, serverTimeMs - Date.parse(time));
}

function summaryOf(fields: Fields): Summary {
  return {
    name: fields.text('name'),
    limit: fields.number('limit'),
    holders: fields.list('holders', (holder) => ({
      value: holder.text('value'),
      client: holder.optionalText('client'),
      index: holder.number('index'),
    })),
    holding: fields.number('holding'),
    waiting: fields.number('waiting'),
  };
}

function entryOf(fields: Fields) {
  return {
    index: fields.number('index'),
    value: fields.text('value'),
    client: fields.optionalText('client'),
    mode: fields.text('mode'),
    ttlMs: fields.number('ttl') * 1000,
  };
}
