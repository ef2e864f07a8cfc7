import { type RunResult, World } from './world.js';

/** The simulated time with faults in one run; healing and the last checks come after it. */
export const durationMsDefault = 60_000;

export function runSeed(
  seed: number,
  durationMs: number,
  follow: ((line: string) => void) | undefined,
): Promise<RunResult> {
  return new World({ seed, durationMs, follow }).run();
}

/** What to tell a person about a seed that failed. */
export function describeFailure({ seed, violation, trace }: RunResult): string {
  return [
    ...trace,
    '',
    `seed ${seed} failed: ${violation?.stack ?? 'for no reason'}`,
    `replay it with: npm run simulate -- --seed ${seed}`,
  ].join('\n');
}
