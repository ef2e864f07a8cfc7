import type { ConclaveClient } from '../client/index.js';
import { Guard } from './guard/guard.js';
import type { LockPlan } from './lock-options.js';
import { failureCodeOf, lineOf, noticesTo, waitForLock } from './lock-wait.js';
import { exitCodeOf, isLeft, lostLine, releaseOrTell, runUnderLock } from './under-lock.js';

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
  const tell = noticesTo(name, plan.verbose);
  const guard = command.length > 0 ? new Guard(plan.killAfterMs) : undefined;
  try {
    const lock = await waitForLock(client, name, plan, guard);
    tell.progress(`holds place ${lock.token}`);
    if (guard === undefined) {
      lock.leave();
      process.stdout.write(`${lock.token}\n`);
      return 0;
    }
    void guard.started.then((group) => tell.progress(`runs as process group ${group}`));
    const ending = await runUnderLock(guard, lock, plan.killAfterMs, command);
    if (ending.type === 'lost') tell.always(lostLine(lock));
    if (isLeft(ending)) {
      lock.leave();
      tell.always(`a process of the command may be left, so ${name} ends with its TTL`);
    }
    if (lock.held) await releaseOrTell(lock, tell.always);
    if (ending.type === 'notStarted') tell.always(`cannot run ${command[0]}: ${ending.code}`);
    return exitCodeOf(ending);
  } catch (error) {
    const code = failureCodeOf(error);
    if (code === undefined) throw error;
    tell.always(lineOf(error));
    return code;
  } finally {
    guard?.dismiss();
  }
}
