import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Coverage, total } from './coverage.js';
import { describeFailure, runSeed } from './run-seed.js';

export interface CampaignOptions {
  readonly seeds: readonly number[];
  readonly durationMs: number;
  /** Processes side by side. */
  readonly jobs: number;
  /** No new seed is begun after this. Infinite: all are run. */
  readonly budgetMs: number;
}

export interface CampaignResult {
  readonly seedsRun: number;
  readonly failures: readonly string[];
  readonly coverage: Coverage;
}

/** What a worker tells about one seed. */
interface SeedReport {
  readonly failure: string | undefined;
  readonly coverage: Coverage;
}

/** Runs many seeds on all cores. Ends early at the first failure. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const deadline = performance.now() + options.budgetMs;
  const queue = [...options.seeds];
  const reports: SeedReport[] = [];
  const hasFailed = () => reports.some((report) => report.failure !== undefined);
  const take = () => (hasFailed() || performance.now() >= deadline ? undefined : queue.shift());
  const workers = Array.from({ length: Math.min(options.jobs, queue.length) }, () =>
    work(take, options.durationMs, (report) => reports.push(report)),
  );
  await Promise.all(workers);
  return {
    seedsRun: reports.length,
    failures: reports.flatMap((report) => (report.failure === undefined ? [] : [report.failure])),
    coverage: total(reports.map((report) => report.coverage)),
  };
}

async function work(
  take: () => number | undefined,
  durationMs: number,
  report: (report: SeedReport) => void,
): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), ['--worker']);
  try {
    for (let seed = take(); seed !== undefined; seed = take()) {
      report(await ask(child, { seed, durationMs }));
    }
  } finally {
    // One that goes round for ever heeds nothing else.
    child.kill('SIGKILL');
  }
}

interface Question {
  readonly seed: number;
  readonly durationMs: number;
}

/** A seed takes seconds. One that goes round for ever would keep all others from being told. */
const seedMsMax = 10 * 60_000;

function ask(child: ChildProcess, question: Question): Promise<SeedReport> {
  return new Promise((resolve, reject) => {
    const { seed } = question;
    const overdue = setTimeout(() => {
      reject(new Error(`seed ${seed} has not ended after ${seedMsMax / 60_000} minutes`));
    }, seedMsMax);
    const onExit = (code: number | null) => {
      clearTimeout(overdue);
      reject(new Error(`the worker of seed ${seed} ended with ${code}`));
    };
    child.once('exit', onExit);
    child.once('message', (report) => {
      clearTimeout(overdue);
      child.off('exit', onExit);
      resolve(report as SeedReport);
    });
    child.send(question);
  });
}

async function answer(question: Question) {
  const result = await runSeed(question.seed, question.durationMs, undefined);
  const failure = result.violation === undefined ? undefined : describeFailure(result);
  process.send?.({ failure, coverage: result.coverage } satisfies SeedReport);
}

if (process.argv.includes('--worker')) {
  process.on('message', (question: Question) => void answer(question));
}
