import { Random } from '../simulation/random.js';
import { Scheduler } from '../simulation/scheduler.js';
import type { AcquireOperation, Claim, LockOperation } from './operation.js';
import { Recorder } from './recorder.js';
import { RightService, type Waiter } from './right-service.js';

export interface HistoryPlan {
  readonly seed: number;
  readonly clients: number;
  readonly operations: number;
  readonly claims: readonly Claim[];
  /** How often an answer is lost, or a client leaves. */
  readonly unknown: number;
}

/** A history as a right lock service writes it, with answers that are late or lost. */
export async function rightHistory(plan: HistoryPlan): Promise<readonly LockOperation[]> {
  const scheduler = new Scheduler();
  const recorder = new Recorder(() => scheduler.now);
  const service = new RightService(scheduler, new Random(plan.seed, 'service'));
  const isFull = () => recorder.operations.length >= plan.operations;
  const clients = Array.from({ length: plan.clients }, (_, position) => {
    const name = `client${position + 1}`;
    const random = new Random(plan.seed, name);
    return new RightClient(name, { scheduler, recorder, service, random, plan, isFull }).run();
  });
  const all = Promise.all(clients);
  while (!isFull()) await scheduler.runUntil(scheduler.now + 5000, () => {});
  await scheduler.runUntil(scheduler.now + 30_000, () => {});
  await all;
  return recorder.operations;
}

interface ClientContext {
  readonly scheduler: Scheduler;
  readonly recorder: Recorder;
  readonly service: RightService;
  readonly random: Random;
  readonly plan: HistoryPlan;
  readonly isFull: () => boolean;
}

const lock = 'a';

type Wanted = Pick<AcquireOperation, 'value' | 'ttlMs' | 'claim' | 'tryOnly' | 'place'>;

class RightClient {
  readonly #name: string;
  readonly #context: ClientContext;
  readonly #ttlMs: number;

  constructor(name: string, context: ClientContext) {
    this.#name = name;
    this.#context = context;
    this.#ttlMs = context.random.pick([300, 1000, 3000]);
  }

  async run(): Promise<void> {
    const { random, isFull } = this.#context;
    while (!isFull()) {
      await this.#sleep(random.float() * 100);
      if (random.chance(0.2)) await this.#look();
      else await this.#use();
    }
  }

  async #look(): Promise<void> {
    const { recorder, service } = this.#context;
    const told = recorder.view({ client: this.#name, lock });
    await this.#sleep(this.#latency());
    const seen = service.view();
    await this.#sleep(this.#latency());
    told(seen);
  }

  async #use(): Promise<void> {
    const { random } = this.#context;
    const token = await this.#waitFor(this.#wanted());
    if (token === undefined) return;
    for (let renewals = random.between(0, 2); renewals > 0; renewals -= 1) {
      await this.#sleep(random.float() * this.#ttlMs * 0.6);
      if (!(await this.#renew(token))) return;
    }
    await this.#sleep(random.float() * 50);
    if (random.chance(0.9)) await this.#release(token);
  }

  #wanted(): Wanted {
    const { random, plan } = this.#context;
    const value = random.pick(['', '', this.#name, 'shared']);
    // A client that joins a queue entry must ask for the same mode and limit as the others.
    const claim = random.pick(value === '' ? plan.claims : plan.claims.slice(0, 1));
    const ttlMs = value === 'shared' ? 1000 : this.#ttlMs;
    return { value, ttlMs, claim, tryOnly: random.chance(0.2), place: undefined };
  }

  /** Comes back for as long as its place is kept. */
  async #waitFor(wanted: Wanted): Promise<number | undefined> {
    const result = await this.#acquire(wanted);
    if (result.type === 'ok') return result.token;
    if (result.type !== 'kept') return undefined;
    await this.#sleep(this.#context.random.logBetween(1, 400));
    return await this.#waitFor({ ...wanted, place: result.token });
  }

  #acquire(asked: Wanted): Promise<AcquireOperation['result']> {
    const { recorder, service, random, scheduler } = this.#context;
    const told = recorder.acquire({ client: this.#name, lock, ...asked });
    return new Promise((resolve) => {
      let isOver = false;
      const end = (result: AcquireOperation['result']) => {
        if (isOver) return;
        isOver = true;
        told(result);
        resolve(result);
      };
      const answer = (result: AcquireOperation['result']) =>
        scheduler.after(this.#latency(), () => end(result));
      const waiter: Waiter = {
        onGranted: (token) => answer({ type: 'ok', token }),
        onRemoved: () => answer({ type: 'removed' }),
      };
      scheduler.after(this.#latency(), () => {
        const outcome = service.acquire({ ...asked, waiter });
        if (outcome === 'refused') answer({ type: 'fail' });
      });
      scheduler.after(random.logBetween(100, 3000), () => {
        if (!isOver) this.#giveUp(waiter, end);
      });
    });
  }

  #giveUp(waiter: Waiter, end: (result: AcquireOperation['result']) => void): void {
    const { service, scheduler, random, plan } = this.#context;
    if (random.chance(plan.unknown)) {
      // The answer to a grant may be on its way: who leaves cannot know.
      end({ type: 'unknown' });
      scheduler.after(50 + this.#latency() * 20, () => service.leave(waiter, false));
      return;
    }
    scheduler.after(50 + this.#latency(), () => {
      const kept = random.chance(0.6) ? service.stepBack(waiter) : undefined;
      if (kept !== undefined) {
        scheduler.after(this.#latency(), () => end({ type: 'kept', token: kept }));
        return;
      }
      const token = service.leave(waiter, true);
      if (token === undefined) scheduler.after(this.#latency(), () => end({ type: 'fail' }));
    });
  }

  #renew(token: number): Promise<boolean> {
    const { recorder, service } = this.#context;
    const told = recorder.renew({ client: this.#name, lock, token, ttlMs: this.#ttlMs });
    return this.#ask(() => service.renew(token, this.#ttlMs), told);
  }

  #release(token: number): Promise<boolean> {
    const { recorder, service } = this.#context;
    const told = recorder.release({ client: this.#name, lock, token });
    return this.#ask(() => service.release(token), told);
  }

  /** An answer that is lost may belong to something that is done later, or never. */
  async #ask(
    act: () => boolean,
    told: (result: 'ok' | 'fail' | 'unknown') => void,
  ): Promise<boolean> {
    const { random, scheduler, plan } = this.#context;
    if (random.chance(plan.unknown)) {
      if (random.chance(0.7)) scheduler.after(random.logBetween(1, 2000), act);
      await this.#sleep(50);
      told('unknown');
      return false;
    }
    await this.#sleep(this.#latency());
    const done = act();
    await this.#sleep(this.#latency());
    told(done ? 'ok' : 'fail');
    return done;
  }

  #latency(): number {
    return this.#context.random.logBetween(0.5, 20);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#context.scheduler.after(ms, resolve));
  }
}
