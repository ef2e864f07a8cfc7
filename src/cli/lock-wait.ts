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
import type { Guard } from './guard/guard.js';
import { deadlinesOf, type LockPlan } from './lock-options.js';

/**
 * A signal ends the wait, and takes the place out of the queue. Without a guard there is nobody who
 * ends the work, so the lock is not renewed.
 */
export async function waitForLock(
  client: ConclaveClient,
  name: string,
  plan: LockPlan,
  guards: readonly Guard[],
): Promise<Lock> {
  const stop = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => stop.abort(new Interrupted(signal));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
  for (const signal of signals) process.on(signal, interrupt);
  try {
    const { ttl, timeout, value, isOwnValue, mode, limit, killAfterMs } = plan;
    return await client.lock(name, {
      ...{ ttl, value, isOwnValue, renew: guards.length > 0, signal: stop.signal },
      ...(timeout === undefined ? {} : { timeout }),
      ...(mode === undefined ? {} : { mode }),
      ...(limit === undefined ? {} : { limit }),
      onRenewed: ({ deadline }) => {
        for (const guard of guards) guard.renewed(deadlinesOf(deadline, killAfterMs));
      },
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

/** What a user is told, in one line. */
export function lineOf(error: unknown): string {
  if (error instanceof Interrupted) return `stopped by ${error.signal}`;
  return error instanceof Error ? error.message : String(error);
}

/** Lines on stderr: stdout is the command's. */
export function noticesTo(name: string, verbose: boolean) {
  const always = (line: string) => process.stderr.write(`conclave: ${name}: ${line}\n`);
  return { always, progress: (line: string) => (verbose ? always(line) : undefined) };
}
