import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments } from '../../scripts/arguments.mjs';
import { type Belief, LibraryUser, overlaps } from './library-user.js';
import { type CampaignPlan, type CampaignResult, LockCampaign } from './lock-campaign.js';
import { RealCluster } from './real-cluster.js';

const usage = `npm run soak:locks -- [--minutes M] [--clients C] [--seed S] [--library]
  --minutes M  how long (default 30)
  --clients C  users of locks, eight on each lock (default 200)
  --seed S     decides what clients do and which members fail when (default: a fresh one)
  --library    clients use the client library, instead of writing each request by hand`;

const minute = 60_000;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) {
    console.error(usage);
    return 2;
  }
  const { minutes, clients, seed, library } = options;
  console.log(`${clients} clients, ${minutes} minutes, seed ${seed}`);
  const beliefs: Belief[] = [];
  await using real = await RealCluster.start();
  const startedAt = performance.now();
  await using campaign = new LockCampaign(real, {
    ...{ seed, clients, durationMs: minutes * minute, limitMs: minutes * minute },
    ...{ generationMs: 20_000, thinkMsMax: 400, calmMsMax: 8000, awayMsMax: 5000 },
    ...(library ? throughLibrary(beliefs) : {}),
    isEnough: () => true,
    onProgress: (result) => console.log(`${seconds(startedAt)} s: ${figures(result)}`),
  });
  const result = await campaign.run();
  console.log(JSON.stringify(Object.fromEntries(result.outcomes)));
  console.log(`${seconds(startedAt)} s: ${figures(result)}`);
  if (library) console.log(`${beliefs.length} times somebody held a lock of its own`);
  const violations = [...result.violations, ...overlaps(beliefs)];
  return judge({ ...result, violations }, options);
}

function throughLibrary(beliefs: Belief[]): Pick<CampaignPlan, 'clientOf'> {
  return {
    clientOf: (name, group, world, random) => new LibraryUser(name, group, world, random, beliefs),
  };
}

interface Options {
  readonly minutes: number;
  readonly clients: number;
  readonly seed: number;
  readonly library: boolean;
}

function readOptions(): Options | undefined {
  const text = { type: 'string' } as const;
  const { values } = readArguments({
    options: { minutes: text, clients: text, seed: text, library: { type: 'boolean' } },
  });
  const options: Options = {
    minutes: Number(values.minutes ?? 30),
    clients: Number(values.clients ?? 200),
    seed: Number(values.seed ?? Math.floor(Math.random() * 2 ** 32)),
    library: values.library === true,
  };
  const { minutes, clients, seed } = options;
  const isSound = minutes > 0 && Number.isSafeInteger(seed) && Number.isSafeInteger(clients);
  return isSound && clients > 0 ? options : undefined;
}

function figures({ operations, locks, outcomes, faults, violations }: CampaignResult): string {
  const asked = [...outcomes.values()].reduce((total, each) => total + each, 0);
  const { kill, pause, restart } = faults;
  const unknown = ['acquire', 'renew', 'release'].map(
    (type) => outcomes.get(`${type} unknown`) ?? 0,
  );
  return [
    `${asked} operations, ${unknown.reduce((total, each) => total + each)} of them unknown`,
    `${outcomes.get('acquire ok') ?? 0} grants`,
    `${kill} kills, ${pause} pauses, ${restart} restarts`,
    `${operations} checked in ${locks} histories, ${violations.length} violations`,
  ].join('; ');
}

/** A run in which too little happened has shown nothing. */
function judge(result: CampaignResult, { minutes, clients, seed }: Options): number {
  const { violations, wrong, outcomes, faults } = result;
  const grants = outcomes.get('acquire ok') ?? 0;
  const strikes = Object.values(faults).reduce((total, each) => total + each, 0);
  const leastGrants = minutes * clients;
  const leastStrikes = minutes;
  for (const violation of violations) console.error(violation);
  if (violations.length > 0) {
    mkdirSync('data', { recursive: true });
    const file = join('data', `wrong-history-${seed}.jsonl`);
    writeFileSync(file, wrong.map((operation) => `${JSON.stringify(operation)}\n`).join(''));
    console.error(`The histories that are wrong are in ${file}`);
  }
  const isIdle = grants < leastGrants || strikes < leastStrikes;
  if (isIdle) {
    console.error(
      `Too little happened: ${grants} grants of ${leastGrants}, ${strikes} faults of ${leastStrikes}`,
    );
  }
  return violations.length > 0 || isIdle ? 1 : 0;
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(0);
}
