import { readArguments } from '../../scripts/arguments.mjs';
import { RealCluster } from './real-cluster.js';
import { flags, SnapshotCampaign } from './snapshot-campaign.js';

const usage = `npm run soak:snapshot -- [--megabytes M] [--rounds R]
  --megabytes M  what all values weigh together (default 500)
  --rounds R     how often a follower has to be sent all that (default 2)`;

const minute = 60_000;

process.exitCode = await main();

async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = readArguments({ options: { megabytes: text, rounds: text } });
  const megabytes = Number(values.megabytes ?? 500);
  const rounds = Number(values.rounds ?? 2);
  if (!(megabytes >= 20 && Number.isSafeInteger(rounds) && rounds > 0)) {
    console.error(usage);
    return 2;
  }
  const startedAt = performance.now();
  const tell = (line: string) =>
    console.log(`${((performance.now() - startedAt) / 1000).toFixed(0)} s: ${line}`);
  await using real = await RealCluster.start(flags);
  const campaign = new SnapshotCampaign(real, {
    ...{ megabytes, clients: 8, rounds, bytesPerSecond: 5_000_000 },
    ...{ writeLimitMs: 15 * minute, sendLimitMs: 3 * minute, agreeLimitMs: 5 * minute },
    onProgress: tell,
  });
  const { writtenBytes, failures, agreedMs, violations } = await campaign.run();
  for (const violation of violations) console.error(violation);
  tell(
    [
      `${(writtenBytes / 1_000_000).toFixed(0)} MB written, ${failures} writes failed`,
      `all members agreed ${(agreedMs / 1000).toFixed(1)} s after the load`,
      `${violations.length} violations`,
    ].join('; '),
  );
  return violations.length > 0 ? 1 : 0;
}
