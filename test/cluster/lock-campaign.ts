import { BackgroundChecker } from '../history/background-checker.js';
import { oneClock } from '../history/check.js';
import { alone, type Claim, type LockOperation } from '../history/operation.js';
import { Recorder } from '../history/recorder.js';
import { Random } from '../simulation/random.js';
import { LockClient, type LockClientWorld, type LockInUse } from './lock-client.js';
import { LockRequests } from './lock-requests.js';
import { type FaultKind, type FaultTimes, MemberFaults } from './member-faults.js';
import type { RealCluster } from './real-cluster.js';

/** Somebody who uses locks until the world says that it is enough. */
export interface LockUser {
  run(): Promise<void>;
}

export interface CampaignPlan extends FaultTimes {
  readonly seed: number;
  readonly clients: number;
  /** At least so long. */
  readonly durationMs: number;
  /** Whether what was done proves anything. Longer than `limitMs` nobody waits for it. */
  readonly isEnough: (result: CampaignResult) => boolean;
  readonly limitMs: number;
  readonly thinkMsMax: number;
  /** All locks get new names so often, and the histories of the old ones are checked. */
  readonly generationMs: number;
  /** Who uses the locks; undefined: one who writes each request by hand. */
  readonly clientOf?: (
    name: string,
    group: number,
    world: LockClientWorld,
    random: Random,
  ) => LockUser;
  /** Called after each check. */
  readonly onProgress: (result: CampaignResult) => void;
}

export interface CampaignResult {
  /** Checked. */
  readonly operations: number;
  readonly locks: number;
  /** Also of those that are not checked yet, by what was asked and how it ended: "return ok". */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly faults: Readonly<Record<FaultKind, number>>;
  readonly violations: readonly string[];
  /** Of the locks whose history is wrong. */
  readonly wrong: readonly LockOperation[];
}

/** More of them at a time make the search for an order long. */
const clientsPerLock = 8;

const claimsByGroup: readonly (readonly Claim[])[] = [
  [alone],
  [alone],
  [{ mode: 'exclusive', limit: 2 }],
  [{ mode: 'shared', limit: 1 }, alone],
];

/** What a machine that is busy adds to the second and a half in which a TTL ends. */
const lateMsMax = 1500 + 1000;

/** Where several may hold, and many answers were lost, there are many orders to try. */
const stepsMax = 20_000_000;

/** Longer than anybody goes on with a lock that it took before the names changed. */
const lingerMs = 15_000;

/** Clients use locks of real members while faults befall these; every history is checked. */
export class LockCampaign implements AsyncDisposable {
  readonly #plan: CampaignPlan;
  readonly #requests = new LockRequests();
  readonly #checker = new BackgroundChecker();
  readonly #faults: MemberFaults;
  readonly #clients: readonly LockUser[];
  readonly #startedAt = performance.now();
  /** By the number of the generation. */
  readonly #recorders = new Map<number, Recorder>();
  readonly #outcomes = new Map<string, number>();
  readonly #violations: string[] = [];
  readonly #wrong: LockOperation[] = [];
  #operations = 0;
  #locks = 0;
  #stopped = false;

  constructor(real: RealCluster, plan: CampaignPlan) {
    this.#plan = plan;
    this.#faults = new MemberFaults(real, new Random(plan.seed, 'faults'), plan);
    const world = {
      requests: this.#requests,
      urls: real.names.map((name) => real.url(name, '')),
      lockOf: (group: number) => this.#lockOf(group),
      thinkMsMax: plan.thinkMsMax,
      stopped: () => this.#stopped,
    };
    this.#clients = Array.from({ length: plan.clients }, (_, position) => {
      const name = `client${position + 1}`;
      const group = Math.floor(position / clientsPerLock);
      const random = new Random(plan.seed, name);
      return (
        plan.clientOf?.(name, group, world, random) ?? new LockClient(name, group, world, random)
      );
    });
  }

  async run(): Promise<CampaignResult> {
    const clients = Promise.all(this.#clients.map((client) => client.run()));
    const faults = this.#faults.run();
    try {
      await Promise.race([this.#pass(), clients, faults]);
    } finally {
      this.#stopped = true;
      this.#faults.stop();
      await Promise.allSettled([clients, faults]);
      this.#requests.close();
    }
    await Promise.all([clients, faults]);
    await this.#check(Number.POSITIVE_INFINITY);
    return this.#result();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#checker[Symbol.asyncDispose]();
  }

  async #pass(): Promise<void> {
    const { durationMs, generationMs, limitMs, isEnough, onProgress } = this.#plan;
    let checkAt = generationMs;
    while (this.#elapsed() < limitMs && this.#violations.length === 0) {
      if (this.#elapsed() >= durationMs && isEnough(this.#result())) return;
      await new Promise((later) => setTimeout(later, 500));
      if (this.#elapsed() < checkAt) continue;
      checkAt += generationMs;
      await this.#check((this.#elapsed() - lingerMs) / generationMs - 1);
      onProgress(this.#result());
    }
  }

  #lockOf(group: number): LockInUse {
    const generation = Math.floor(this.#elapsed() / this.#plan.generationMs);
    const recorder = this.#recorders.get(generation) ?? new Recorder(() => performance.now());
    this.#recorders.set(generation, recorder);
    const claims = claimsByGroup[group % claimsByGroup.length] ?? [alone];
    return { name: `history/${generation}/${group}`, recorder, claims };
  }

  #elapsed(): number {
    return performance.now() - this.#startedAt;
  }

  /**
   * Those up to that generation, which are then forgotten: a long run would not fit into memory.
   */
  async #check(upTo: number): Promise<void> {
    for (const [generation, recorder] of this.#recorders) {
      if (generation > upTo) continue;
      this.#recorders.delete(generation);
      const byLock = new Map<string, LockOperation[]>();
      for (const operation of recorder.operations) {
        const own = byLock.get(operation.lock) ?? [];
        own.push(operation);
        byLock.set(operation.lock, own);
      }
      for (const own of byLock.values()) await this.#checkLock(own);
    }
  }

  async #checkLock(operations: readonly LockOperation[]): Promise<void> {
    const { calm } = this.#faults;
    const options = { ...oneClock, calm, lateMsMax, stepsMax };
    const violations = await this.#checker.check(operations, options);
    if (violations.length > 0) this.#wrong.push(...operations);
    this.#violations.push(...violations);
    this.#locks += 1;
    this.#operations += operations.length;
    count(operations, this.#outcomes);
  }

  #result(): CampaignResult {
    const outcomes = new Map(this.#outcomes);
    for (const recorder of this.#recorders.values()) count(recorder.operations, outcomes);
    return {
      operations: this.#operations,
      locks: this.#locks,
      outcomes,
      faults: this.#faults.counts,
      violations: this.#violations,
      wrong: this.#wrong,
    };
  }
}

function count(operations: readonly LockOperation[], outcomes: Map<string, number>): void {
  for (const operation of operations) {
    const outcome = `${deedOf(operation)} ${outcomeOf(operation)}`;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
}

function deedOf(operation: LockOperation): string {
  const returns = operation.type === 'acquire' && operation.place !== undefined;
  return returns ? 'return' : operation.type;
}

function outcomeOf(operation: LockOperation): string {
  if (operation.type === 'view') return 'ok';
  return operation.type === 'acquire' ? operation.result.type : operation.result;
}
