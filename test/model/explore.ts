import type { Cluster } from './cluster.js';
import { describeStep, wayTo } from './counterexample.js';
import { replay } from './replay.js';
import { BrokenScript, begin, type Scene } from './scene.js';
import { Search, type SearchLimits, type Step } from './search.js';

/** What was covered, and what was found. */
export interface Exploration {
  readonly scene: Scene;
  /** All states up to this many moves from the start. */
  readonly depth: number;
  readonly states: number;
  readonly transitions: number;
  readonly seconds: number;
  /** Nothing is left to be tried within the bounds. */
  readonly isWhole: boolean;
  /** The broken promise, and the way to it, in words. */
  readonly failure: readonly string[] | undefined;
}

export interface ExploreOptions extends SearchLimits {
  /** So many reactions of single members are looked at to find states that behave alike. */
  readonly reactionsMax: number;
  readonly progress: (text: string) => void;
}

const statesPerTurn = 10_000;
const progressMs = 10_000;

export function explore(scene: Scene, options: ExploreOptions): Exploration {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  try {
    const begun = begin(scene);
    const { cluster, record } = begun;
    const start = cluster.reduce(record, options.reactionsMax) ?? record;
    options.progress(`${scene.name}: ${cluster.describeReduction()}`);
    const search = new Search(cluster, start);
    for (let toldAt = performance.now(); search.run(statesPerTurn, options); ) {
      if (seconds() > options.secondsMax) break;
      if (performance.now() < toldAt + progressMs) continue;
      toldAt = performance.now();
      options.progress(`${scene.name}: ${describe(search, seconds())}`);
    }
    const { depth, states, transitions, isWhole, found } = search;
    const failure = found && [
      `${found.violation.promise}: ${found.violation.details}`,
      ...confirmed(scene, wayTo(begun, start, found.steps), cluster),
    ];
    return { scene, depth, states, transitions, seconds: seconds(), isWhole, failure };
  } catch (error) {
    if (!(error instanceof BrokenScript)) throw error;
    const nothing = { depth: 0, states: 0, transitions: 0, isWhole: false };
    return { scene, ...nothing, seconds: seconds(), failure: [error.message] };
  }
}

function confirmed(scene: Scene, way: readonly Step[], cluster: Cluster): readonly string[] {
  const inputs = way.map(({ member, move }) => ({ member, input: move.outcome.input }));
  const again = replay(scene.bounds, inputs);
  const verdict =
    again === undefined
      ? 'The same with real cores breaks nothing: the checker is at fault.'
      : `The same with real cores breaks it too: ${again.promise}: ${again.details}.`;
  return [...way.map((step, at) => `${at + 1}. ${describeStep(cluster, step)}`), verdict];
}

function describe(search: Search, seconds: number): string {
  const { depth, states, queued, transitions, cluster } = search;
  const counts = `depth ${depth}, ${states} states, ${queued} to expand, ${transitions} transitions`;
  const rate = Math.round(states / seconds);
  const memory = Math.round(process.memoryUsage().rss / 1e6);
  return `${counts}, ${rate} states/s, ${memory} MB; ${cluster.describe()}`;
}
