import { type ErrorName, errorTable } from '../../command/errors.js';
import type { NodeEvent } from '../../command/event.js';
import type { QueueEntryResult, Result } from '../../command/result.js';

export function failed(error: ErrorName, cause: string, etcdIndex: number): Result {
  const { errorCode } = errorTable[error];
  return { type: 'error', error: { errorCode, cause, index: etcdIndex } };
}

export function happened(event: NodeEvent): Result {
  return { type: 'event', event, etcdIndex: event.node.modifiedIndex };
}

export function done(etcdIndex: number): Result {
  return { type: 'done', etcdIndex };
}

export function entryResult(entry: QueueEntryResult, etcdIndex: number): Result {
  return { type: 'queueEntry', entry, etcdIndex };
}
