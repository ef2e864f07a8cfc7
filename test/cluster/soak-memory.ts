import { readArguments } from '../../scripts/arguments.mjs';
import { collectable, megabytes, memoryBounds, memoryText, QuorumLoss } from './quorum-loss.js';
import { RealCluster } from './real-cluster.js';

const usage = `npm run soak:memory -- [--minutes M] [--clients C] [--alone leader|follower]
  --minutes M  how long a member without quorum is asked to store values of 1 MB (default 5)
  --clients C  who ask at a time (default 64)
  --alone A    what it was before (default leader)`;

process.exitCode = await main();

async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = readArguments({ options: { minutes: text, clients: text, alone: text } });
  const minutes = Number(values.minutes ?? 5);
  const clients = Number(values.clients ?? 64);
  const alone = values.alone ?? 'leader';
  const isRole = alone === 'leader' || alone === 'follower';
  if (!(isRole && minutes > 0 && Number.isSafeInteger(clients) && clients > 0)) {
    console.error(usage);
    return 2;
  }
  const bounds = memoryBounds(alone);
  await using real = await RealCluster.start([], collectable);
  const loss = new QuorumLoss(real, {
    ...bounds,
    ...{ clients, durationMs: minutes * 60_000, onProgress: (line) => console.log(line) },
  });
  const { before, peakBytes, after, afterMs, hasFallen, answers } = await loss.run();
  console.log(`${JSON.stringify(Object.fromEntries(answers))} (answers by their status)`);
  console.log(
    [
      `before: ${memoryText(before)}`,
      `meanwhile: at most ${megabytes(peakBytes)} resident`,
      `after ${(afterMs / 1000).toFixed(1)} s: ${memoryText(after)}`,
    ].join('; '),
  );
  return peakBytes < bounds.limitBytes && hasFallen ? 0 : 1;
}
