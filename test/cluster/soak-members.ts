import { readArguments } from '../../scripts/arguments.mjs';
import { changeUnderLoad } from './members-campaign.js';

const usage = `npm run soak:members -- [--writers N] [--lockers N]
  --writers N  clients that write meanwhile (default 64)
  --lockers N  clients that take turns to hold a lock (default 50)`;

process.exitCode = await main();

async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = readArguments({ options: { writers: text, lockers: text } });
  const [writers, lockers] = [Number(values.writers ?? 64), Number(values.lockers ?? 50)];
  if (!(Number.isSafeInteger(writers) && Number.isSafeInteger(lockers) && writers + lockers > 0)) {
    console.error(usage);
    return 2;
  }
  const { writes, grants } = await changeUnderLoad({ writers, lockers, pauseMs: 0 });
  console.log(
    `${writes} writes and ${grants} grants, none failed, none lost, no two held the lock`,
  );
  return 0;
}
