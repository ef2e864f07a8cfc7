import { constants } from 'node:os';
import {
  type ConclaveClient,
  ConclaveError,
  type Lock,
  LockNotAcquiredError,
  OutcomeUnknownError,
  UnavailableError,
} from '../client/index.js';
import { exitCodes } from './exit-codes.js';
import { Guard } from './guard/guard.js';
import { deadlinesOf, type LockPlan } from './lock-options.js';
import { exitCodeOf, releaseAfter, runUnderLock } from './under-lock.js';

/**
 * Waits for the lock, runs the command under it, and releases it; without a command, prints the
 * index and leaves the lock to its TTL. Returns the exit code.
 */
export async function lockAndRun(
  client: ConclaveClient,
  name: string,
  plan: LockPlan,
  command: readonly string[],
): Promise<number> {
  const tell = teller(name, plan.verbose);
  const guard = command.length > 0 ? new Guard(plan.killAfterMs) : undefined;
  try {
    const lock = await acquire(client, name, plan, guard);
    tell.progress(`holds place ${lock.token}`);
    if (guard === undefined) {
      lock.leave();
      process.stdout.write(`${lock.token}\n`);
      return 0;
    }
    const ending = await runUnderLock(guard, lock, plan.killAfterMs, command);
    if (ending.type === 'lost') tell.always(lostLine(lock));
    if (lock.held) await releaseAfter(lock, ending, tell.always);
    if (ending.type === 'notStarted') tell.always(`cannot run ${command[0]}: ${ending.code}`);
    return exitCodeOf(ending);
  } catch (error) {
    const code = failureCodeOf(error);
    if (code === undefined) throw error;
    tell.always(error instanceof Interrupted ? `stopped by ${error.signal}` : lineOf(error));
    return code;
  } finally {
    guard?.dismiss();
  }
}

/** A signal ends the wait, and takes the place out of the queue. */
async function acquire(
  client: ConclaveClient,
  name: string,
  plan: LockPlan,
  guard: Guard | undefined,
): Promise<Lock> {
  const stop = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => stop.abort(new Interrupted(signal));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
  for (const signal of signals) process.on(signal, interrupt);
  try {
    const { ttl, timeout, value, isOwnValue, mode, limit, killAfterMs } = plan;
    return await client.lock(name, {
      ...{ ttl, value, isOwnValue, renew: guard !== undefined, signal: stop.signal },
      ...(timeout === undefined ? {} : { timeout }),
      ...(mode === undefined ? {} : { mode }),
      ...(limit === undefined ? {} : { limit }),
      onRenewed: ({ deadline }) => guard?.renewed(deadlinesOf(deadline, killAfterMs)),
    });
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}

class Interrupted extends Error {
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(signal);
    this.signal = signal;
  }
}

/** Undefined for a fault of the program. */
export function failureCodeOf(error: unknown): number | undefined {
  if (error instanceof Interrupted) {
    return exitCodes.signalled + constants.signals[error.signal];
  }
  if (error instanceof LockNotAcquiredError) return exitCodes.notAcquired;
  if (error instanceof UnavailableError || error instanceof OutcomeUnknownError) {
    return exitCodes.unavailable;
  }
  return error instanceof ConclaveError ? exitCodes.refused : undefined;
}

function lineOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function lostLine({ signal, token }: Lock): string {
  const { reason } = signal;
  return reason instanceof ConclaveError
    ? `${reason.message}; the command was ended`
    : `place ${token} could not be kept; the command was ended`;
}

/** Lines on stderr: stdout is the command's. */
function teller(name: string, verbose: boolean) {
  const always = (line: string) => process.stderr.write(`conclave: ${name}: ${line}\n`);
  return { always, progress: (line: string) => (verbose ? always(line) : undefined) };
}
