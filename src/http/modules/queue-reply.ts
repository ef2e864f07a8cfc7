import type { LockSpace } from '../../command/lock-path.js';
import type { ServiceContext } from '../../service/service-context.js';
import { stateHeaders, stateReply } from '../replies.js';
import { type ApiResponse, jsonType } from '../server/api-response.js';
import { streamedReply } from '../server/streamed-reply.js';
import { queueJson } from './queue-json.js';

/**
 * A text within these bounds takes some milliseconds, so it is made at once. An entry is a piece.
 */
const piecesMax = 1024;
const textUnitsMax = 256 * 1024;

/**
 * All of a lock or an election. A queue that is too long for one turn of the event loop is
 * streamed, as it was when the answer's head was made.
 */
export function queueReply(
  context: ServiceContext,
  method: string,
  lock: { readonly space: LockSpace; readonly name: string },
): ApiResponse {
  const { coordinator, wallClock } = context;
  const { state } = coordinator;
  const listing = state.locks.listQueue(lock.space, lock.name);
  const pieces = queueJson(state, lock, listing, wallClock);
  const { text, isWhole } = beginningOf(pieces);
  if (isWhole) return stateReply(coordinator, 200, state.etcdIndex, jsonType, text);
  const headers = stateHeaders(coordinator, state.etcdIndex);
  const close = () => listing.close();
  return streamedReply(context, method, headers, { pieces: prepended(text, pieces), close });
}

function beginningOf(pieces: Iterator<string>): {
  readonly text: string;
  readonly isWhole: boolean;
} {
  let text = '';
  for (let taken = 0; taken < piecesMax && text.length < textUnitsMax; taken += 1) {
    const { done, value } = pieces.next();
    if (done === true) return { text, isWhole: true };
    text += value;
  }
  return { text, isWhole: false };
}

function* prepended(beginning: string, rest: Iterable<string>): Generator<string, undefined> {
  yield beginning;
  yield* rest;
}
