import { assert } from '../assert.js';
import type { CommandError } from '../command/command-result.js';
import { errorTable } from '../command/errors.js';
import { quote } from './quote.js';

interface ErrorEntry {
  readonly errorCode: number;
  readonly message: string;
  readonly status: number;
}

const entries = new Map<number, ErrorEntry>(
  Object.values(errorTable).map((entry) => [entry.errorCode, entry]),
);

function entryOf(errorCode: number): ErrorEntry {
  const entry = entries.get(errorCode);
  assert(entry !== undefined, `error code ${errorCode} is not in the table`);
  return entry;
}

export function statusOf(error: CommandError): number {
  return entryOf(error.errorCode).status;
}

/** What an answer tells of an error. */
export interface ErrorContent extends CommandError {
  /** The index of a place in a queue that is left behind, by which the client comes back to it. */
  readonly place?: number;
  /** The member is not available, and the request has certainly changed nothing. */
  readonly effect?: 'none';
}

/** The body of every error answer. As in etcd, an empty cause is left out. */
export function errorJson({ errorCode, cause, index, place, effect }: ErrorContent): string {
  const message = quote(entryOf(errorCode).message);
  const causeField = cause === '' ? '' : `"cause":${quote(cause)},`;
  const placeField = place === undefined ? '' : `,"place":${place}`;
  const effectField = effect === undefined ? '' : `,"effect":"${effect}"`;
  const more = `${placeField}${effectField}`;
  return `{"errorCode":${errorCode},"message":${message},${causeField}"index":${index}${more}}\n`;
}
