import { readArguments } from '../../scripts/arguments.mjs';
import { OnceRace } from './once-race.js';

const usage = `npm run soak:once -- [--keys N] [--runners N]
  --keys N     how many keys, one after the other (default 100)
  --runners N  conclave once is started so often at one time for each (default 50)`;

process.exitCode = await main();

async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = readArguments({ options: { keys: text, runners: text } });
  const [keys, runners] = [Number(values.keys ?? 100), Number(values.runners ?? 50)];
  if (![keys, runners].every((count) => Number.isSafeInteger(count) && count > 0)) {
    console.error(usage);
    return 2;
  }
  const race = await OnceRace.start();
  if (typeof race === 'string') {
    console.error(`needs root, iproute2, nftables and faketime: ${race}`);
    return 1;
  }
  await using _ended = race;
  console.log(`three machines, their clocks ahead by ${race.clocksAheadSeconds().join(', ')} s`);
  const over = new AbortController();
  const [violations, kills] = await Promise.all([
    runAll(race, keys, runners).finally(() => over.abort()),
    race.killLeaders(over.signal),
  ]);
  for (const violation of violations) console.error(violation);
  console.log(`the leader was killed ${kills} times; ${violations.length} violations`);
  return violations.length === 0 ? 0 : 1;
}

async function runAll(race: OnceRace, keys: number, runners: number): Promise<readonly string[]> {
  const violations: string[] = [];
  let longestMs = 0;
  for (let at = 1; at <= keys; at++) {
    const startedAt = performance.now();
    violations.push(...(await race.run(`key ${at}`, runners)));
    longestMs = Math.max(longestMs, performance.now() - startedAt);
    if (at % 10 === 0 || at === keys) {
      const longest = (longestMs / 1000).toFixed(0);
      console.log(`${at} keys, ${runners} runners each, the longest took ${longest} s`);
    }
  }
  return violations;
}
