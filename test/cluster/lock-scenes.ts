import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConclaveClient } from '../../src/client/index.js';
import type { ClientMachine } from './client-machine.js';
import { BeatingLock, type Ended, type Manner, monotonicMs } from './lock-process.js';
import type { RealCluster } from './real-cluster.js';
import { until } from './until.js';

export interface Outcome extends Ended {
  /** From the command's last sign of life until somebody else was told that it holds the lock. */
  readonly gapMs: number;
}

const ttl = 2;

interface Common {
  readonly manners: readonly Manner[];
  /** How the lock command may end. */
  readonly codes: readonly (number | null)[];
}

/** What befalls all commands together, while they hold; it heals in the end. */
type Strike<On> = (on: On, locks: Locks) => Promise<void>;

interface LocalScene extends Common {
  readonly apart: false;
  readonly strike: Strike<RealCluster>;
}

/** The lock commands run on a machine of their own. */
interface ApartScene extends Common {
  readonly apart: true;
  readonly strike: Strike<ClientMachine>;
}

type Scene = LocalScene | ApartScene;
type Locks = readonly BeatingLock[];

const passMs = (ms: number) => new Promise((later) => setTimeout(later, ms));

/** Longer than any command may go on. */
const overMs = 2 * ttl * 1000;

async function stopCluster(real: RealCluster): Promise<void> {
  for (const name of real.names) real.cluster.pause(name);
  await passMs(overMs);
  for (const name of real.names) real.cluster.resume(name);
}

async function stopClients(_: RealCluster, locks: Locks): Promise<void> {
  for (const lock of locks) lock.signal('SIGSTOP');
  await passMs(overMs);
  for (const lock of locks) lock.signal('SIGCONT');
}

async function killLeader(real: RealCluster, locks: Locks): Promise<void> {
  const leader = (await real.leader()) ?? '';
  await real.cluster.kill(leader);
  await passMs(overMs);
  await real.cluster.restart(leader);
  for (const lock of locks) lock.signal('SIGTERM');
}

async function signalGuards(locks: readonly BeatingLock[], signal: NodeJS.Signals): Promise<void> {
  for (const lock of locks) process.kill((await lock.begins()).guard, signal);
}

async function cutNetwork(machine: ClientMachine): Promise<void> {
  machine.cut();
  await passMs(overMs);
  machine.heal();
}

/**
 * An hour ahead, which ends nothing, and back, which gives no hour more to those who are cut off.
 */
async function setClock(machine: ClientMachine, locks: Locks): Promise<void> {
  machine.setClock(3600);
  const at = monotonicMs();
  const runsOn = (lock: BeatingLock) => (lock.beats().at(-1) ?? 0) > at + overMs;
  await until(() => locks.every(runsOn), 'all run on with their clock an hour ahead', 30_000);
  for (const lock of locks) assert.ok(Math.abs(lock.clockAheadMs() - 3_600_000) < 60_000);
  machine.setClock(0);
  await cutNetwork(machine);
  for (const lock of locks) assert.ok(Math.abs(lock.clockAheadMs()) < 60_000);
}

const lost = [74];
const everyManner = ['plain', 'stubborn', 'parent'] as const;

export const scenes = {
  'the cluster is stopped': {
    apart: false,
    manners: everyManner,
    codes: lost,
    strike: stopCluster,
  },
  'the lock command is stopped': {
    apart: false,
    manners: everyManner,
    codes: lost,
    strike: stopClients,
  },
  'the lock command is killed': {
    apart: false,
    manners: ['plain', 'stubborn'],
    codes: [null],
    strike: async (_, locks) => {
      for (const lock of locks) lock.signal('SIGKILL');
    },
  },
  'the guard is killed': {
    apart: false,
    manners: ['plain', 'stubborn'],
    codes: lost,
    strike: async (_, locks) => await signalGuards(locks, 'SIGKILL'),
  },
  'the guard and the cluster are stopped': {
    apart: false,
    manners: ['plain', 'parent'],
    codes: lost,
    strike: async (real, locks) => {
      await signalGuards(locks, 'SIGSTOP');
      await stopCluster(real);
    },
  },
  // An election may take longer than the TTL. Otherwise the command ends by the signal at the end.
  'the leader is killed': {
    apart: false,
    manners: ['plain'],
    codes: [74, 143],
    strike: killLeader,
  },
  'the network is cut': { apart: true, manners: everyManner, codes: lost, strike: cutNetwork },
  'the clock is set an hour ahead and back, and the network cut': {
    apart: true,
    manners: everyManner,
    codes: lost,
    strike: setClock,
  },
} as const satisfies Readonly<Record<string, Scene>>;

export type SceneName = keyof typeof scenes;

export const sceneNames = Object.keys(scenes) as readonly SceneName[];

export interface Stage {
  readonly real: RealCluster;
  /** For the lock commands; or why this machine does not let us have one. */
  readonly machine: ClientMachine | string;
}

/** Why the scene cannot be played. */
export function refusalOf(name: SceneName, { machine }: Stage): string | undefined {
  if (!scenes[name].apart || typeof machine !== 'string') return undefined;
  return `needs root, iproute2, nftables and faketime: ${machine}`;
}

/**
 * Runs a command in each manner under `count` locks, while somebody else waits for each lock, and
 * strikes. The commands write down when they run.
 */
export async function play(
  stage: Stage,
  name: SceneName,
  count: number,
): Promise<readonly Outcome[]> {
  const { real } = stage;
  const { manners } = scenes[name];
  const { strike, ...place } = castOf(stage, scenes[name]);
  const scratch = mkdtempSync(join(tmpdir(), 'conclave-scene-'));
  const run = Math.random().toString(36).slice(2);
  const names = Array.from({ length: count * manners.length }, (_, at) => `scene/${run}/${at}`);
  const client = new ConclaveClient({ endpoints: real.names.map((each) => real.url(each, '')) });
  const locks: BeatingLock[] = [];
  try {
    // One after the other: many processes that start at once can take longer than the TTL.
    for (const [at, lock] of names.entries()) {
      const manner = manners[at % manners.length] ?? 'plain';
      const [args, file] = [[lock, '--ttl', `${ttl}`], join(scratch, `${at}`)];
      const beating = new BeatingLock(real, args, { file, manner, ...place });
      locks.push(beating);
      await beating.begins();
    }
    const granted = names.map(async (lock) => {
      const next = await client.lock(lock, { ttl: 60 });
      const at = monotonicMs();
      await next.release();
      return at;
    });
    const waits = async (lock: string) => (await client.inspect(lock)).queue.length === 1;
    for (const lock of names) await until(() => waits(lock), 'somebody else waits', 30_000);
    await strike(locks);
    const isOver = ({ process: { exitCode, signalCode } }: BeatingLock) =>
      exitCode !== null || signalCode !== null;
    await until(() => locks.every(isOver), 'every lock command ends', 60_000);
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

/** Where the lock commands run, and what strikes them there. */
function castOf({ real, machine }: Stage, scene: Scene) {
  if (!scene.apart) return { strike: async (locks: Locks) => await scene.strike(real, locks) };
  if (typeof machine === 'string') throw new Error(machine);
  return {
    place: machine.place(real),
    strike: async (locks: Locks) => await scene.strike(machine, locks),
  };
}

/** That nobody else was granted the lock while the command ran, and that the caller was told. */
export function assertEnded(name: SceneName, outcomes: readonly Outcome[]): void {
  const codes: readonly (number | null)[] = scenes[name].codes;
  for (const { code, signal, gapMs, stderr } of outcomes) {
    assert.ok(gapMs > 0, `${name}: the command ran ${-gapMs} ms after the grant`);
    assert.ok(codes.includes(code), `${name}: ${code} ${signal} ${stderr}`);
  }
}
