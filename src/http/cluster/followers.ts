import type { Coordinator } from '../../member/coordinator.js';
import type { FollowerAnswers } from '../../member/measurements.js';

/** The leader's view of its followers, by id: etcd's fields, and Raft's progress of each. */
export function followersJson(coordinator: Coordinator): object {
  const { followers } = coordinator.measurements();
  const { commitIndex } = coordinator.status();
  return Object.fromEntries(
    coordinator.peers().map(({ id, state, matchIndex, nextIndex, inflight, recentlyActive }) => [
      id,
      {
        ...answersJson(followers.get(id)),
        state,
        matchIndex,
        nextIndex,
        lag: Math.max(0, commitIndex - matchIndex),
        inflight,
        recentlyActive,
      },
    ]),
  );
}

/** A request without an answer counts as failed. */
function answersJson(answers: FollowerAnswers | undefined): object {
  const { answered, lost, latencyMs } = answers ?? noAnswers;
  return { latency: latencyMs, counts: { fail: lost, success: answered } };
}

const noAnswers: FollowerAnswers = {
  answered: 0,
  lost: 0,
  latencyMs: { current: 0, average: 0, standardDeviation: 0, minimum: 0, maximum: 0 },
};
