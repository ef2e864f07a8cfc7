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

/** An error that leaves a place in a queue behind. */
export interface PlacedError extends CommandError {
  /** Its index, by which the client comes back to it. */
  readonly place?: number;
}

/** The body of every error answer. As in etcd, an empty cause is left out. */
export function errorJson({ errorCode, cause, index, place }: PlacedError): string {
  const message = quote(entryOf(errorCode).message);
  const causeField = cause === '' ? '' : `"cause":${quote(cause)},`;
  const placeField = place === undefined ? '' : `,"place":${place}`;
  return `{"errorCode":${errorCode},"message":${message},${causeField}"index":${index}${placeField}}\n`;
}
