import { assert } from './assert.js';

declare const brand: unique symbol;

/** A Raft term. Zero is the term before the first election. */
export type Term = number & { readonly [brand]: 'Term' };

/** A position in the Raft log. The first entry has index 1; zero is the empty log. */
export type LogIndex = number & { readonly [brand]: 'LogIndex' };

/** A member of the cluster: 16 lower-case hexadecimal digits, as etcd prints its member ids. */
export type MemberId = string & { readonly [brand]: 'MemberId' };

export function term(value: number): Term {
  assert(Number.isSafeInteger(value) && value >= 0, `not a term: ${value}`);
  return value as Term;
}

export function logIndex(value: number): LogIndex {
  assert(Number.isSafeInteger(value) && value >= 0, `not a log index: ${value}`);
  return value as LogIndex;
}

export function memberId(value: string): MemberId {
  assert(/^[0-9a-f]{16}$/.test(value), `not a member id: ${value}`);
  return value as MemberId;
}

export function next(index: LogIndex): LogIndex {
  return logIndex(index + 1);
}

export function previous(index: LogIndex): LogIndex {
  return logIndex(index - 1);
}
