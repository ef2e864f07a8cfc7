import { constants } from 'node:os';
import type { Lock } from '../client/index.js';
import { ConclaveError } from '../client/index.js';
import { exitCodes } from './exit-codes.js';
import type { Ending, Guard } from './guard/guard.js';
import { deadlinesOf } from './lock-options.js';

/** A signal that one sends to a program to tell it something. Each is told to the command. */
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGWINCH'] as const;

/** Runs a command for as long as the lock is held, and ends it before the lock can be another's. */
export async function runUnderLock(
  guard: Guard,
  lock: Lock,
  killAfterMs: number,
  [command = '', ...args]: readonly string[],
): Promise<Ending> {
  if (!lock.held) return { type: 'tooLate' };
  const forward = (signal: NodeJS.Signals) => guard.forward(signal);
  for (const signal of forwarded) process.on(signal, forward);
  const end = () => guard.end();
  lock.signal.addEventListener('abort', end);
  try {
    guard.run({ command, args, env: environmentOf(lock) }, deadlinesOf(lock.deadline, killAfterMs));
    return await guard.ended;
  } finally {
    lock.signal.removeEventListener('abort', end);
    for (const signal of forwarded) process.off(signal, forward);
  }
}

/** With what the command may know of its lock. */
export function environmentOf(lock: Lock): NodeJS.ProcessEnv {
  return {
    ...process.env,
    CONCLAVE_LOCK_NAME: lock.name,
    CONCLAVE_LOCK_INDEX: String(lock.token),
    CONCLAVE_LOCK_VALUE: lock.value,
    // As `date +%s` counts. Each renewal moves it; a command that is told to end has to hurry.
    CONCLAVE_LOCK_DEADLINE: String(Math.floor((Date.now() + lock.remainingMs) / 1000)),
  };
}

/** Something of the command may still run, so the lock must not be released. */
export function isLeft(ending: Ending): boolean {
  return !isNotStarted(ending) && ending.isLeft;
}

/** Certainly nothing of the command has run. */
export function isNotStarted(
  ending: Ending,
): ending is Extract<Ending, { type: 'notStarted' | 'tooLate' }> {
  return ending.type === 'notStarted' || ending.type === 'tooLate';
}

/** With the lock. */
export function isLost(ending: Ending): boolean {
  return ending.type === 'lost' || ending.type === 'tooLate';
}

/** The TTL ends the lock, if nothing else does. */
export async function releaseOrTell(lock: Lock, tell: (line: string) => void): Promise<void> {
  try {
    await lock.release();
  } catch (error) {
    if (!(error instanceof ConclaveError)) throw error;
    tell(`${lock.name} was not released, and ends with its TTL: ${error.message}`);
  }
}

export function exitCodeOf(ending: Ending): number {
  switch (ending.type) {
    case 'exited':
      if (ending.signal === null) return ending.code ?? exitCodes.refused;
      return exitCodes.signalled + constants.signals[ending.signal];
    case 'lost':
    case 'tooLate':
      return exitCodes.lost;
    case 'notStarted':
      return ending.code === 'ENOENT' ? exitCodes.notFound : exitCodes.notExecutable;
    default:
      return ending satisfies never;
  }
}

/** As a shell says it: 126 and 127 are its exit codes, too. */
export function notStartedLine(command: string, code: string): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such command',
    EACCES: 'it is not executable',
  };
  return `cannot run ${command}: ${reasons[code] ?? code}`;
}

export function lostLine({ signal, token }: Lock, ending: Ending): string {
  const { reason } = signal;
  const what =
    reason instanceof ConclaveError ? reason.message : `place ${token} could not be kept`;
  return `${what}; the command was ${ending.type === 'tooLate' ? 'not run' : 'ended'}`;
}
