import { availableParallelism } from 'node:os';
import { readArguments } from '../../scripts/arguments.mjs';
import { runCampaign } from './campaign.js';
import { describeFailure, durationMsDefault, runSeed } from './run-seed.js';

const usage = `npm run simulate -- --seeds N [--seed S] [--seconds T] [--jobs J] [--trace]
  --seeds N    run N seeds, S and those after it (without --seed: fresh ones)
  --seed S     the first seed; alone, it is replayed with its trace
  --seconds T  simulated seconds with faults per seed (default ${durationMsDefault / 1000})
  --jobs J     processes side by side (default: one per core)
  --trace      print the whole story of a single seed as it happens`;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) {
    console.error(usage);
    return 2;
  }
  return options.seeds === 1 ? await replay(options) : await campaign(options);
}

interface Options {
  readonly seeds: number;
  readonly firstSeed: number;
  readonly durationMs: number;
  readonly jobs: number;
  readonly trace: boolean;
}

function readOptions(): Options | undefined {
  const { values } = readArguments({
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string' },
      seconds: { type: 'string' },
      jobs: { type: 'string' },
      trace: { type: 'boolean' },
    },
  });
  const fresh = Math.floor(Math.random() * 2 ** 40);
  const options: Options = {
    seeds: Number(values.seeds ?? (values.seed === undefined ? 100 : 1)),
    firstSeed: Number(values.seed ?? fresh),
    durationMs: Number(values.seconds ?? durationMsDefault / 1000) * 1000,
    jobs: Number(values.jobs ?? availableParallelism()),
    trace: values.trace === true,
  };
  const counts = [options.seeds, options.firstSeed, options.durationMs, options.jobs];
  return counts.every((count) => Number.isSafeInteger(count) && count >= 0) ? options : undefined;
}

async function replay({ firstSeed, durationMs, trace }: Options): Promise<number> {
  const result = await runSeed(firstSeed, durationMs, trace ? console.log : undefined);
  console.log(`fingerprint ${result.fingerprint.toString(16)}  ${JSON.stringify(result.coverage)}`);
  if (result.violation === undefined) {
    console.log(`seed ${firstSeed} passed`);
    return 0;
  }
  console.error(describeFailure(result));
  return 1;
}

async function campaign({ seeds, firstSeed, durationMs, jobs }: Options): Promise<number> {
  const startedAt = performance.now();
  console.log(`seeds ${firstSeed} to ${firstSeed + seeds - 1}, ${durationMs / 1000} s each`);
  const result = await runCampaign({
    seeds: Array.from({ length: seeds }, (_, position) => firstSeed + position),
    durationMs,
    jobs,
    budgetMs: Number.POSITIVE_INFINITY,
  });
  const seconds = (performance.now() - startedAt) / 1000;
  for (const failure of result.failures) console.error(failure);
  console.log(JSON.stringify(result.coverage));
  console.log(
    `${result.seedsRun} seeds in ${seconds.toFixed(1)} s, ${result.failures.length} failed`,
  );
  return result.failures.length > 0 ? 1 : 0;
}
