import { constants } from 'node:os';
import {
  type ConclaveClient,
  ConclaveError,
  type Lock,
  LockNotAcquiredError,
  OutcomeUnknownError,
  UnavailableError,
  type WaitOptions,
} from '../client/index.js';
import { exitCodes } from './exit-codes.js';
import type { Guard } from './guard/guard.js';
import { deadlinesOf, type LockPlan } from './lock-options.js';
import { SignalError } from './signal-error.js';

/** Asks for the place, in a way that is the command's own. */
export type Claim = (options: WaitOptions) => Promise<Lock>;

export function claimOfLock(client: ConclaveClient, name: string, plan: LockPlan): Claim {
  const { value, isOwnValue, mode, limit } = plan;
  const share = {
    ...(mode === undefined ? {} : { mode }),
    ...(limit === undefined ? {} : { limit }),
  };
  return (options) => client.lock(name, { ...options, value, isOwnValue, ...share });
}

/** Those that end a program which does not handle them. */
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const;

/**
 * The signal ends the wait, and takes the place out of the queue. Without a guard there is nobody
 * who ends the work, so the lock is not renewed, unless the claim says so.
 */
export async function waitForLock(
  claim: Claim,
  { ttl, timeout, killAfterMs }: LockPlan,
  guards: readonly Guard[],
  signal: AbortSignal,
): Promise<Lock> {
  return await claim({
    ...{ ttl, renew: guards.length > 0, signal },
    ...(timeout === undefined ? {} : { timeout }),
    onRenewed: ({ deadline }) => {
      for (const guard of guards) guard.renewed(deadlinesOf(deadline, killAfterMs));
    },
  });
}

/** Signals that end a program abort it instead, for as long as it is there. */
export class EndingSignal implements Disposable {
  readonly #stop = new AbortController();
  readonly #interrupt = (signal: NodeJS.Signals) => this.#stop.abort(new SignalError(signal));

  constructor() {
    for (const signal of endingSignals) process.on(signal, this.#interrupt);
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  [Symbol.dispose](): void {
    for (const signal of endingSignals) process.off(signal, this.#interrupt);
  }
}

/** Undefined for a fault of the program. */
export function failureCodeOf(error: unknown): number | undefined {
  if (error instanceof SignalError) {
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
  if (error instanceof SignalError) return `stopped by ${error.signal}`;
  return error instanceof Error ? error.message : String(error);
}

/** Lines on stderr: stdout is the command's. */
export function noticesTo(name: string, verbose: boolean) {
  const always = (line: string) => process.stderr.write(`conclave: ${name}: ${line}\n`);
  return { always, progress: (line: string) => (verbose ? always(line) : undefined) };
}
