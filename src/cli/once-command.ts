import { type ConclaveClient, ConclaveError, type Lock } from '../client/index.js';
import { exitCodes } from './exit-codes.js';
import { type Ending, Guard } from './guard/guard.js';
import type { LockPlan } from './lock-options.js';
import { claimOfLock, failureCodeOf, lineOf, noticesTo, waitForLock } from './lock-wait.js';
import { describeRecord, type OnceRecord, OnceRun } from './once-record.js';
import {
  exitCodeOf,
  isLeft,
  isLost,
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
    const lock = await waitForLock(claim, plan, [guard]);
    tell.progress(`holds place ${lock.token}`);
    try {
      const before = await run.record();
      const isFree = before === undefined || (before.state === 'begun' && plan.retry);
      if (!isFree) return await leaveAlone(run, before, lock);
      await run.write({ state: 'begun', ...signatureOf(lock) }, lock);
      const ending = await runUnderLock(guard, lock, plan.killAfterMs, command);
      if (isLost(ending)) tell.always(lostLine(lock, ending));
      if (ending.type === 'notStarted') {
        tell.always(notStartedLine(command[0] ?? '', ending.code));
      }
      await keep(run, ending, lock, tell.always);
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

/** A command that could not be started has not been run: another machine may have it. */
async function keep(
  run: OnceRun,
  ending: Ending,
  lock: Lock,
  tell: (line: string) => void,
): Promise<void> {
  try {
    if (ending.type === 'notStarted') await run.forget(lock);
    if (ending.type !== 'exited') return;
    await run.write({ state: 'done', ...signatureOf(lock), code: exitCodeOf(ending) }, lock);
  } catch (error) {
    if (!(error instanceof ConclaveError)) throw error;
    tell(`the result is not kept, so the others take the run for a lost one: ${error.message}`);
  }
}
