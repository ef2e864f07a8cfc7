import type { LiveMatch } from './live-match.js';
import { randomScene } from './random-scene.js';
import type { Scene } from './scene.js';

export interface LiveRun {
  readonly firstSeed: number;
  readonly seeds: number;
  readonly operationsPerSeed: number;
  readonly onSeed: (seed: number, leaderChange: string) => void;
}

/** In two of three seeds the leader goes in the middle: it is killed, or stopped in good order. */
const leaderChanges = ['kill', 'restart', 'none'] as const;

export async function runLive(match: LiveMatch, run: LiveRun): Promise<void> {
  for (let count = 0; count < run.seeds; count += 1) {
    const seed = run.firstSeed + count;
    const change = leaderChanges[count % leaderChanges.length] ?? 'none';
    const scene = randomScene(seed, run.operationsPerSeed);
    try {
      await match.play(change === 'none' ? scene : interrupted(scene, run, change, match));
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      throw new Error(`seed ${seed}, leader change: ${change}: ${what}`, { cause: error });
    }
    run.onSeed(seed, change);
  }
}

/** The same scene, whose questions go on while the leader goes and another one comes. */
function interrupted(
  scene: Scene,
  { operationsPerSeed }: LiveRun,
  way: 'kill' | 'restart',
  match: LiveMatch,
): Scene {
  return {
    name: scene.name,
    play: async (partner) => {
      const startsAt = match.asked + Math.floor(operationsPerSeed / 4);
      let change: Promise<void> | undefined;
      await scene.play({
        pause: (ms) => partner.pause(ms),
        ask: async (question) => {
          if (match.asked >= startsAt) change ??= startChange(match, way);
          return await partner.ask(question);
        },
      });
      await change;
    },
  };
}

/** A failure is thrown where the change is awaited, which may be later. */
function startChange(match: LiveMatch, way: 'kill' | 'restart'): Promise<void> {
  const change = match.changeLeader(way);
  change.catch(() => undefined);
  return change;
}
