import type { PreVoteRequest, RequestVoteRequest } from './messages.js';
import type { RaftState } from './state.js';

/** A pre-vote changes no state here, not even the election timer. */
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
    // A grant carries the candidate's future term, or the candidate would ignore it as stale. A
    // refusal carries this member's own term, so that a candidate with an older term catches up.
    term: granted ? request.term : state.currentTerm,
    voteGranted: granted,
  });
}

/**
 * Every role answers alike, and answers non-voters too: the candidate may have a newer
 * configuration.
 */
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

/**
 * A member that hears from its leader votes for nobody else, unless the leader asked for the
 * election.
 */
export function isProtected(
  state: RaftState,
  request: PreVoteRequest | RequestVoteRequest,
): boolean {
  return state.leaderIsPresent && state.leaderId !== request.from;
}

/**
 * Of two pre-candidates with equal logs only the one with the greater id is granted a pre-vote by
 * the other. Otherwise both would become candidates of one term, and could split the vote for a
 * whole election timeout.
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
