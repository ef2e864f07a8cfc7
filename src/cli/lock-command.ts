import { once } from 'node:events';
import type { Lock } from '../client/index.js';
import { writeLine } from './answer-output.js';
import { exitCodes } from './exit-codes.js';
import { bootTimeMs } from './guard/boot-clock.js';
import { type Ending, Guard } from './guard/guard.js';
import { hookCommandOf, LostHook } from './hooks.js';
import type { LockPlan } from './lock-options.js';
import {
  type Claim,
  EndingSignal,
  failureCodeOf,
  lineOf,
  noticesTo,
  waitForLock,
} from './lock-wait.js';
import { acquireTurn } from './turn.js';
import {
  environmentOf,
  exitCodeOf,
  isLeft,
  isLost,
  lostLine,
  notStartedLine,
  releaseOrTell,
  runUnderLock,
} from './under-lock.js';

/** What is run one after the other, each with a guard of its own. */
interface Step {
  readonly guard: Guard;
  readonly command: readonly string[];
  /** It is not the command itself. */
  readonly isHook: boolean;
}

type Tell = ReturnType<typeof noticesTo>;

/**
 * Waits for the lock, runs the command under it, and releases it; without a command, does what
 * `hold` says. Returns the exit code.
 */
export async function lockAndRun(
  claim: Claim,
  name: string,
  plan: LockPlan,
  command: readonly string[],
  hold: (lock: Lock, tell: Tell) => Promise<number>,
): Promise<number> {
  const tell = noticesTo(name, plan.verbose);
  const steps = stepsOf(plan, command);
  try {
    const guards = steps.map(({ guard }) => guard);
    const lock = await waitOrEnd(claim, plan, guards, tell);
    tell.progress(`holds place ${lock.token}`);
    if (steps.length === 0) return await hold(lock, tell);
    return await runAndRelease(lock, steps, plan, tell);
  } catch (error) {
    const code = failureCodeOf(error);
    if (code === undefined) throw error;
    tell.always(lineOf(error));
    return code;
  } finally {
    for (const { guard } of steps) guard.dismiss();
  }
}

/** For the turn and the lock together no longer than the timeout, in whole seconds. */
async function waitOrEnd(
  claim: Claim,
  plan: LockPlan,
  guards: readonly Guard[],
  tell: Tell,
): Promise<Lock> {
  using ending = new EndingSignal();
  const { turn, timeout } = plan;
  if (turn === undefined) return await waitForLock(claim, plan, guards, ending.signal);
  const beganAt = bootTimeMs();
  const servers = await acquireTurn(turn, timeout, ending.signal, tell.always);
  for (const guard of guards) guard.keep(servers);
  const passed = Math.floor((bootTimeMs() - beganAt) / 1000);
  const left = timeout === undefined ? undefined : Math.max(0, timeout - passed);
  return await waitForLock(claim, { ...plan, timeout: left }, guards, ending.signal);
}

/** Prints the index, and leaves the lock to its TTL. */
export async function keepForTtl(lock: Lock): Promise<number> {
  lock.leave();
  await writeLine(String(lock.token));
  return 0;
}

/** Prints the index, and keeps the place until a signal comes, or the place is lost. */
export async function keepUntilSignal(lock: Lock, tell: Tell): Promise<number> {
  using ending = new EndingSignal();
  await writeLine(String(lock.token));
  const ends = AbortSignal.any([lock.signal, ending.signal]);
  if (!ends.aborted) await once(ends, 'abort');
  if (!lock.held) {
    tell.always(lineOf(lock.signal.reason));
    return exitCodes.lost;
  }
  await releaseOrTell(lock, tell.always);
  throw ending.signal.reason;
}

function stepsOf({ killAfterMs, onAcquire }: LockPlan, command: readonly string[]): Step[] {
  if (command.length === 0) return [];
  const last = { guard: new Guard(killAfterMs, 'inherit'), command, isHook: false };
  if (onAcquire === undefined) return [last];
  // What is on stdin is for the command.
  const guard = new Guard(killAfterMs, 'ignore');
  return [{ guard, command: hookCommandOf(onAcquire), isHook: true }, last];
}

async function runAndRelease(
  lock: Lock,
  steps: readonly Step[],
  { killAfterMs, onLost }: LockPlan,
  tell: Tell,
): Promise<number> {
  const hook = new LostHook(onLost, tell.always);
  let code = 0;
  for (const { guard, command, isHook } of steps) {
    void guard.started.then((group) => tell.progress(`runs as process group ${group}`));
    void guard.toldToEnd.then(() => hook.run(environmentOf(lock)));
    const ending = await runUnderLock(guard, lock, killAfterMs, command);
    code = exitCodeOf(ending);
    tellEnding(ending, lock, command, tell);
    if (isLost(ending)) hook.run(environmentOf(lock));
    if (isHook && ending.type === 'exited' && code !== 0) {
      tell.always(`--on-acquire ended with ${code}, so the command was not run`);
    }
    if (isLeft(ending)) lock.leave();
    if (!isSuccess(ending)) break;
  }
  if (lock.held) await releaseOrTell(lock, tell.always);
  await hook.ended();
  return code;
}

function tellEnding(
  ending: Ending,
  lock: Lock,
  [command = '']: readonly string[],
  tell: Tell,
): void {
  if (isLost(ending)) tell.always(lostLine(lock, ending));
  if (isLeft(ending)) {
    tell.always(`a process of the command may be left, so ${lock.name} ends with its TTL`);
  }
  if (ending.type === 'notStarted') tell.always(notStartedLine(command, ending.code));
}

/** Whether the command may be run after it. */
function isSuccess(ending: Ending): boolean {
  return ending.type === 'exited' && exitCodeOf(ending) === 0 && !ending.isLeft;
}
