import {
  type ConclaveClient,
  ConclaveError,
  type Lock,
  RefusedError,
  UnavailableError,
} from '../client/index.js';
import { exitCodes } from './exit-codes.js';
import { type Ending, Guard } from './guard/guard.js';
import type { LockPlan } from './lock-options.js';
import {
  claimOfLock,
  EndingSignal,
  failureCodeOf,
  lineOf,
  noticesTo,
  waitForLock,
} from './lock-wait.js';
import { describeRecord, type OnceRecord, OnceRun } from './once-record.js';
import {
  exitCodeOf,
  isLeft,
  isLost,
  isNotStarted,
  lostLine,
  notStartedLine,
  releaseOrTell,
  runUnderLock,
} from './under-lock.js';

export interface OncePlan extends LockPlan {
  readonly key: (client: ConclaveClient) => Promise<string>;
  /** How long the result is known, and with it that nobody has to run it again. */
  readonly keepSeconds: number;
  /** Run it again when its runner was lost. */
  readonly retry: boolean;
}

/**
 * Of all that are called with the same key one runs the command; the others wait for it, and tell
 * how it went. Returns the exit code.
 */
export async function runOnce(
  client: ConclaveClient,
  name: string,
  plan: OncePlan,
  command: readonly string[],
): Promise<number> {
  const tell = noticesTo(name, plan.verbose);
  const guard = new Guard(plan.killAfterMs, 'inherit');
  try {
    const run = new OnceRun(client, name, await plan.key(client), plan.keepSeconds);
    const early = await run.record();
    if (early?.state === 'done') return show(early);
    const claim = claimOfLock(client, run.lockName, plan);
    // Until the lock is released: a record that stays behind keeps all others from the run.
    using stop = new EndingSignal();
    const lock = await waitForLock(claim, plan, [guard], stop.signal);
    tell.progress(`holds place ${lock.token}`);
    try {
      const before = await run.record(stop.signal);
      const isFree = before === undefined || (before.state === 'begun' && plan.retry);
      if (!isFree) return await leaveAlone(run, before, lock);
      const record = new RunRecord(run, before, lock, tell.always);
      await record.begin(stop.signal);
      const ending = await runUnderLock(guard, lock, plan.killAfterMs, command);
      if (isLost(ending)) tell.always(lostLine(lock, ending));
      if (ending.type === 'notStarted') {
        tell.always(notStartedLine(command[0] ?? '', ending.code));
      }
      await record.keep(ending);
      if (isLeft(ending)) lock.leave();
      return exitCodeOf(ending);
    } finally {
      if (lock.held) await releaseOrTell(lock, tell.always);
    }
  } catch (error) {
    const code = failureCodeOf(error);
    if (code === undefined) throw error;
    tell.always(lineOf(error));
    return code;
  } finally {
    guard.dismiss();
  }
}

function signatureOf(lock: Lock): { readonly by: string; readonly at: string } {
  return { by: lock.value, at: new Date().toISOString() };
}

function show(record: OnceRecord): number {
  process.stdout.write(`${describeRecord(record)}\n`);
  return record.state === 'lost' ? exitCodes.lost : 0;
}

/** It was run, or its runner was lost: whoever has the lock knows that nobody runs it now. */
async function leaveAlone(run: OnceRun, record: OnceRecord, lock: Lock): Promise<number> {
  if (record.state !== 'begun') return show(record);
  const lost: OnceRecord = { ...record, state: 'lost' };
  await run.write(lost, lock);
  return show(lost);
}

/** What the others are told of a run, written by the one that has the lock. */
class RunRecord {
  readonly #run: OnceRun;
  readonly #before: OnceRecord | undefined;
  readonly #lock: Lock;
  readonly #tell: (line: string) => void;

  constructor(
    run: OnceRun,
    before: OnceRecord | undefined,
    lock: Lock,
    tell: (line: string) => void,
  ) {
    this.#run = run;
    this.#before = before;
    this.#lock = lock;
    this.#tell = tell;
  }

  /** Throws when the command is not to be run. Then nothing is left that says it was. */
  async begin(stop: AbortSignal): Promise<void> {
    stop.throwIfAborted();
    try {
      await this.#run.write({ state: 'begun', ...signatureOf(this.#lock) }, this.#lock);
      stop.throwIfAborted();
    } catch (error) {
      const hadNoEffect = error instanceof RefusedError || error instanceof UnavailableError;
      if (!hadNoEffect) await this.#restore();
      throw error;
    }
  }

  /** A command that was not started has not been run: another machine may have it. */
  async keep(ending: Ending): Promise<void> {
    if (isNotStarted(ending)) await this.#restore();
    if (ending.type !== 'exited') return;
    const code = exitCodeOf(ending);
    const done = { state: 'done', ...signatureOf(this.#lock), code } as const;
    await this.#orTell(this.#run.write(done, this.#lock));
  }

  async #restore(): Promise<void> {
    await this.#orTell(this.#run.restore(this.#before, this.#lock));
  }

  async #orTell(written: Promise<void>): Promise<void> {
    try {
      await written;
    } catch (error) {
      if (!(error instanceof ConclaveError)) throw error;
      const { message } = error;
      this.#tell(
        `the record is not written, so the others take the run for a lost one: ${message}`,
      );
    }
  }
}
