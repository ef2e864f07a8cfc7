import { readArguments } from '../../scripts/arguments.mjs';
import { seed, throwAtMember } from './campaign.js';
import { wildKeyRequest, wildOtherRequest } from './requests.js';

const usage = `[SEED=S] npm run soak:requests -- [--count N]
  --count N  how many generated requests are sent (default 100000)`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = readArguments({ options: { count: { type: 'string' } } });
  const count = Number(values.count ?? 100_000);
  if (!Number.isSafeInteger(count) || count < 1) {
    console.error(usage);
    return 2;
  }
  const half = Math.ceil(count / 2);
  await throwAtMember(wildKeyRequest, half);
  await throwAtMember(wildOtherRequest, half);
  console.log(`${2 * half} requests, SEED=${seed}: each was answered, and none did harm`);
  return 0;
}
