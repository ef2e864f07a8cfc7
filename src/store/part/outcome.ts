import type { CommandResult, QueueEntryResult } from '../../command/command-result.js';
import { type ErrorName, errorTable } from '../../command/errors.js';
import type { NodeEvent } from '../../command/event.js';

export function failed(error: ErrorName, cause: string, etcdIndex: number): CommandResult {
  const { errorCode } = errorTable[error];
  return { type: 'error', error: { errorCode, cause, index: etcdIndex } };
}

export function happened(event: NodeEvent): CommandResult {
  return { type: 'event', event, etcdIndex: event.node.modifiedIndex };
}

export function done(etcdIndex: number): CommandResult {
  return { type: 'done', etcdIndex };
}

export function entryResult(entry: QueueEntryResult, etcdIndex: number): CommandResult {
  return { type: 'queueEntry', entry, etcdIndex };
}
