import type { Coordinator } from '../../member/coordinator.js';
import type { FollowerAnswers } from '../../member/measurements.js';

/** The followers by their ids: etcd's fields, and how far each one is. For a member that leads. */
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

/** A request that is never answered has failed. */
function answersJson(answers: FollowerAnswers | undefined): object {
  const { answered, lost, latencyMs } = answers ?? noAnswers;
  return { latency: latencyMs, counts: { fail: lost, success: answered } };
}

const noAnswers: FollowerAnswers = {
  answered: 0,
  lost: 0,
  latencyMs: { current: 0, average: 0, standardDeviation: 0, minimum: 0, maximum: 0 },
};
