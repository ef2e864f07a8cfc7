// Random operations on etcd and on three members of ours:
// `npm run referee -- --seeds 20 --operations 20000`.
import { readArguments } from '../../scripts/arguments.mjs';
import { installedEtcd } from './etcd.js';
import { LiveMatch } from './live-match.js';
import { runLive } from './live-run.js';

const { values } = readArguments({
  options: {
    seeds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    operations: { type: 'string', default: '20000' },
  },
});
const version = installedEtcd();
if (version === undefined) throw new Error('etcd is not installed: apt-get install etcd-server');
const seeds = positive('seeds', values.seeds);
const operationsPerSeed = Math.ceil(positive('operations', values.operations) / seeds);
const startedAt = performance.now();
await using match = await LiveMatch.start();
await runLive(match, {
  firstSeed: positive('seed', values.seed),
  seeds,
  operationsPerSeed,
  onSeed: (seed, change) =>
    console.log(`seed ${seed}: ${match.asked} questions so far; leader change: ${change}`),
});
const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
console.log(`our slowest answer took ${match.slowestMs.toFixed(0)} ms`);
console.log(
  `etcd ${version} and we agree on ${match.asked} questions of ${seeds} seeds, in ${seconds} s`,
);

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`--${name} is a whole number above 0`);
  return value;
}
