import type { CommandResult } from '../../command/command-result.js';
import { addEvent } from '../events/event-hash.js';
import type { StateHash } from '../part/state-hash.js';
import { compareText } from '../part/text-order.js';
import type { Session } from './session.js';

export function addSessions(hash: StateHash, sessions: Iterable<Session>): void {
  const sorted = [...sessions].sort((a, b) => compareText(a.memberId, b.memberId));
  for (const session of sorted) addSession(hash, session);
}

function addSession(hash: StateHash, session: Session): void {
  const { memberId, boot, lastCommandIndex, settledBelow, registration, results } = session;
  hash.add(memberId, boot.number, lastCommandIndex, settledBelow, boot.requests?.size ?? 0);
  hash.add(JSON.stringify(registration));
  for (const [sequence, result] of results) {
    hash.add(sequence, result.type);
    addResult(hash, result);
  }
}

function addResult(hash: StateHash, result: CommandResult): void {
  switch (result.type) {
    case 'event':
      addEvent(hash, result.event);
      hash.add(result.etcdIndex);
      return;
    case 'queueEntry':
      hash.add(result.entry.index, result.entry.holds, result.etcdIndex);
      return;
    case 'done':
      hash.add(result.etcdIndex);
      return;
    default:
      hash.add(result.error.errorCode, result.error.cause, result.error.index);
  }
}
