import type { Cluster } from './cluster.js';
import { describeInput } from './input.js';
import type { Begun } from './scene.js';
import type { Step } from './search.js';

/** All that happens on the way, with the answers that the search does not count as steps. */
function withAnswers(cluster: Cluster, start: Int32Array, steps: readonly Step[]): readonly Step[] {
  const all: Step[] = [];
  let record = start;
  for (const step of steps) {
    all.push(step);
    cluster.follow(
      record,
      step.member,
      step.move,
      (child) => {
        record = Int32Array.from(child);
      },
      (member, move) => all.push({ member, move }),
    );
  }
  return all;
}

/** Leaves out the answers that nobody hears: a step is needed if it moves, or if it is heard. */
function needed(cluster: Cluster, moves: ReadonlySet<Step>, all: readonly Step[]): readonly Step[] {
  const senders = new Map<string, Step>();
  for (const step of all) {
    for (const { to, message } of step.move.outcome.sent) {
      const key = `${to} ${message}`;
      if (!senders.has(key)) senders.set(key, step);
    }
  }
  const kept = new Set(moves);
  for (const { member, move } of kept) {
    const { input } = move.outcome;
    if (input.type !== 'receive') continue;
    const message = cluster.members[member]?.mail.numberOf(input.envelope);
    const sender = senders.get(`${member} ${message}`);
    if (sender !== undefined) kept.add(sender);
  }
  return all.filter((step) => kept.has(step));
}

/** The shortest way to a broken promise, from the start of the script on. */
export function wayTo(begun: Begun, start: Int32Array, steps: readonly Step[]): readonly Step[] {
  const { cluster } = begun;
  const all = [...begun.steps, ...withAnswers(cluster, start, steps)];
  return needed(cluster, new Set([...begun.moves, ...steps]), all);
}

export function describeStep(cluster: Cluster, { member, move }: Step): string {
  return `${cluster.names[member]} ${describeInput(move.outcome.input)}`;
}
