import { readArguments } from '../../scripts/arguments.mjs';
import { ClientMachine } from './client-machine.js';
import {
  assertEnded,
  play,
  refusalOf,
  type SceneName,
  type Stage,
  sceneNames,
  scenes,
} from './lock-scenes.js';
import { RealCluster } from './real-cluster.js';

const usage = `npm run soak:cli -- [--runs N] [--at-once N] [--scene TEXT]
  --runs N      commands that each scene befalls (default 200)
  --at-once N   of these at one time (default 8)
  --scene TEXT  only the scenes that have this in their name`;

process.exitCode = await main();

async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = readArguments({ options: { runs: text, 'at-once': text, scene: text } });
  const [runs, atOnce] = [Number(values.runs ?? 200), Number(values['at-once'] ?? 8)];
  const names = sceneNames.filter((name) => name.includes(values.scene ?? ''));
  if (!(Number.isSafeInteger(runs) && runs > 0 && atOnce > 0) || names.length === 0) {
    console.error(usage);
    return 2;
  }
  const machine = await ClientMachine.start();
  try {
    const gateways = typeof machine === 'string' ? [] : [machine.gateway];
    await using real = await RealCluster.startFor(gateways);
    const stage = { real, machine };
    const refusals = names.map((name) => refusalOf(name, stage));
    for (const [at, name] of names.entries()) {
      if (refusals[at] !== undefined) console.error(`${name}: not played: ${refusals[at]}`);
      else await repeat(stage, name, runs, atOnce);
    }
    return refusals.every((refusal) => refusal === undefined) ? 0 : 1;
  } finally {
    if (typeof machine !== 'string') await machine[Symbol.asyncDispose]();
  }
}

async function repeat(stage: Stage, name: SceneName, runs: number, atOnce: number): Promise<void> {
  const manners = scenes[name].manners.length;
  const gaps: number[] = [];
  while (gaps.length < runs) {
    const count = Math.ceil(Math.min(atOnce, runs - gaps.length) / manners);
    const outcomes = await play(stage, name, count);
    assertEnded(name, outcomes);
    gaps.push(...outcomes.map(({ gapMs }) => gapMs));
  }
  const least = Math.min(...gaps).toFixed(0);
  console.log(`${name}: ${gaps.length} runs, no overlap; the command ended ${least} ms before`);
}
