import { AssertionError } from './assert.js';

declare const brand: unique symbol;

/** A Raft term. Zero is the term before the first election. */
export type Term = number & { readonly [brand]: 'Term' };

/** A position in the Raft log. The first entry has index 1; zero is the empty log. */
export type LogIndex = number & { readonly [brand]: 'LogIndex' };

/** A member of the cluster: 16 lower-case hexadecimal digits, as etcd prints its member ids. */
export type MemberId = string & { readonly [brand]: 'MemberId' };

export function term(value: number): Term {
  if (!isCount(value)) refuse('a term', value);
  return value as Term;
}

export function logIndex(value: number): LogIndex {
  if (!isCount(value)) refuse('a log index', value);
  return value as LogIndex;
}

export function memberId(value: string): MemberId {
  if (!/^[0-9a-f]{16}$/.test(value)) refuse('a member id', value);
  return value as MemberId;
}

export function next(index: LogIndex): LogIndex {
  return logIndex(index + 1);
}

export function previous(index: LogIndex): LogIndex {
  return logIndex(index - 1);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** These are checked for every entry of the log, so the message is made only when it is needed. */
function refuse(what: string, value: number | string): never {
  throw new AssertionError(`not ${what}: ${value}`);
}
