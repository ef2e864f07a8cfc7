import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConclaveClient } from '../../src/client/index.js';
import { BeatingLock, type Ended, type Manner, monotonicMs } from './lock-process.js';
import type { RealCluster } from './real-cluster.js';
import { until } from './until.js';

export interface Outcome extends Ended {
  /** From the command's last sign of life until somebody else was told that it holds the lock. */
  readonly gapMs: number;
}

const ttl = 2;

interface Scene {
  readonly manners: readonly Manner[];
  /** What befalls all commands together, while they hold; it heals in the end. */
  readonly strike: (real: RealCluster, locks: readonly BeatingLock[]) => Promise<void>;
  /** How the lock command may end. */
  readonly codes: readonly (number | null)[];
}

const passMs = (ms: number) => new Promise((later) => setTimeout(later, ms));

/** Longer than any command may go on. */
const overMs = 2 * ttl * 1000;

async function stopCluster(real: RealCluster): Promise<void> {
  for (const name of real.names) real.cluster.pause(name);
  await passMs(overMs);
  for (const name of real.names) real.cluster.resume(name);
}

async function stopClients(_: RealCluster, locks: readonly BeatingLock[]): Promise<void> {
  for (const lock of locks) lock.signal('SIGSTOP');
  await passMs(overMs);
  for (const lock of locks) lock.signal('SIGCONT');
}

async function killLeader(real: RealCluster, locks: readonly BeatingLock[]): Promise<void> {
  const leader = (await real.leader()) ?? '';
  await real.cluster.kill(leader);
  await passMs(overMs);
  await real.cluster.restart(leader);
  for (const lock of locks) lock.signal('SIGTERM');
}

async function signalGuards(locks: readonly BeatingLock[], signal: NodeJS.Signals): Promise<void> {
  for (const lock of locks) process.kill((await lock.begins()).guard, signal);
}

const lost = [74];
const everyManner = ['plain', 'stubborn', 'parent'] as const;

export const scenes = {
  'the cluster is stopped': { manners: everyManner, codes: lost, strike: stopCluster },
  'the lock command is stopped': { manners: everyManner, codes: lost, strike: stopClients },
  'the lock command is killed': {
    manners: ['plain', 'stubborn'],
    codes: [null],
    strike: async (_, locks) => {
      for (const lock of locks) lock.signal('SIGKILL');
    },
  },
  'the guard is killed': {
    manners: ['plain', 'stubborn'],
    codes: lost,
    strike: async (_, locks) => await signalGuards(locks, 'SIGKILL'),
  },
  'the guard and the cluster are stopped': {
    manners: ['plain', 'parent'],
    codes: lost,
    strike: async (real, locks) => {
      await signalGuards(locks, 'SIGSTOP');
      await stopCluster(real);
    },
  },
  // An election may take longer than the TTL. Otherwise the command ends by the signal at the end.
  'the leader is killed': { manners: ['plain'], codes: [74, 143], strike: killLeader },
} as const satisfies Readonly<Record<string, Scene>>;

export type SceneName = keyof typeof scenes;

export const sceneNames = Object.keys(scenes) as readonly SceneName[];

/**
 * Runs a command in each manner under `count` locks, while somebody else waits for each lock, and
 * strikes. The commands write down when they run.
 */
export async function play(
  real: RealCluster,
  name: SceneName,
  count: number,
): Promise<readonly Outcome[]> {
  const { manners, strike } = scenes[name];
  const scratch = mkdtempSync(join(tmpdir(), 'conclave-scene-'));
  const run = Math.random().toString(36).slice(2);
  const names = Array.from({ length: count * manners.length }, (_, at) => `scene/${run}/${at}`);
  const client = new ConclaveClient({ endpoints: real.names.map((each) => real.url(each, '')) });
  const locks = names.map((lock, at) => {
    const manner = manners[at % manners.length] ?? 'plain';
    return new BeatingLock(real, [lock, '--ttl', `${ttl}`], {
      file: join(scratch, `${at}`),
      manner,
    });
  });
  try {
    await Promise.all(locks.map((lock) => lock.begins()));
    const granted = names.map(async (lock) => {
      const next = await client.lock(lock, { ttl: 60 });
      const at = monotonicMs();
      await next.release();
      return at;
    });
    const waits = async (lock: string) => (await client.inspect(lock)).queue.length === 1;
    for (const lock of names) await until(() => waits(lock), 'somebody else waits', 30_000);
    await strike(real, locks);
    return await Promise.all(
      locks.map(async (lock, at) => {
        const ended = await lock.ended;
        const grantedAt = (await granted[at]) ?? Number.NaN;
        const last = lock.beats().at(-1) ?? Number.NaN;
        return { ...ended, gapMs: grantedAt - last };
      }),
    );
  } finally {
    for (const lock of locks) lock.signal('SIGKILL');
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** That nobody else was granted the lock while the command ran, and that the caller was told. */
export function assertEnded(name: SceneName, outcomes: readonly Outcome[]): void {
  const codes: readonly (number | null)[] = scenes[name].codes;
  for (const { code, signal, gapMs, stderr } of outcomes) {
    assert.ok(gapMs > 0, `${name}: the command ran ${-gapMs} ms after the grant`);
    assert.ok(codes.includes(code), `${name}: ${code} ${signal} ${stderr}`);
  }
}
