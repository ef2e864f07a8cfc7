import { assert } from '../assert.js';
import type { Message } from '../raft/messages.js';
import type { StreamedMessage } from './message-format.js';

/** The messages of one batch by the connection that they take, each kind in its order. */
export interface Traffic {
  /** Small, and never behind entries: heartbeats, votes, and answers to all of them. */
  readonly control: readonly StreamedMessage[];
  /** Every AppendEntriesRequest, with entries or without, since these must stay in order. */
  readonly appends: readonly StreamedMessage[];
}

export function sortTraffic(messages: readonly Message[]): Traffic {
  const control: StreamedMessage[] = [];
  const appends: StreamedMessage[] = [];
  for (const message of messages) {
    assert(message.type !== 'InstallSnapshotRequest', 'a snapshot is sent by sendSnapshot');
    (message.type === 'AppendEntriesRequest' ? appends : control).push(message);
  }
  return { control, appends };
}
