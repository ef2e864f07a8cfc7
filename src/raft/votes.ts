import type { PreVoteRequest, RequestVoteRequest } from './messages.js';
import type { RaftState } from './state.js';

/** It changes nothing here: not even the election timer. */
export function answerPreVote(
  state: RaftState,
  request: PreVoteRequest,
  isPreCandidate: boolean,
): void {
  const granted =
    !isProtected(state, request) &&
    wouldVote(state, request) &&
    !(isPreCandidate && goesFirst(state, request));
  state.send({
    type: 'PreVoteResponse',
    from: state.id,
    to: request.from,
    // Granted under the term that is asked for, or the candidate would take this member for a
    // straggler; refused under the own term, so that a candidate left behind catches up.
    term: granted ? request.term : state.currentTerm,
    voteGranted: granted,
  });
}

/** The same in every role, and to anybody who asks: the candidate may know a newer configuration. */
export function answerVote(state: RaftState, request: RequestVoteRequest): void {
  const granted = request.term === state.currentTerm && wouldVote(state, request);
  if (granted) {
    state.voteFor(request.from);
    state.timer.restart();
  }
  state.send({
    type: 'RequestVoteResponse',
    from: state.id,
    to: request.from,
    term: state.currentTerm,
    voteGranted: granted,
  });
}

/** A member that hears its leader helps nobody else to replace it, except that leader itself. */
export function isProtected(
  state: RaftState,
  request: PreVoteRequest | RequestVoteRequest,
): boolean {
  return state.leaderIsPresent && state.leaderId !== request.from;
}

/**
 * Of two that ask each other with equal logs, only the one with the greater id goes on. Else both would be
 * candidates of one term, neither would win it, and a whole election timeout would pass.
 */
function goesFirst({ id, log }: RaftState, request: PreVoteRequest): boolean {
  const isEqual = log.lastTerm === request.lastLogTerm && log.lastIndex === request.lastLogIndex;
  return isEqual && id > request.from;
}

function wouldVote(state: RaftState, request: PreVoteRequest | RequestVoteRequest): boolean {
  return isFree(state, request) && state.log.isUpToDate(request.lastLogIndex, request.lastLogTerm);
}

function isFree(state: RaftState, request: PreVoteRequest | RequestVoteRequest): boolean {
  if (request.term !== state.currentTerm) return request.term > state.currentTerm;
  if (state.votedFor !== undefined) return state.votedFor === request.from;
  return state.leaderId === undefined;
}
