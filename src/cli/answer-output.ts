import { ConclaveError, RefusedError } from '../client/index.js';
import { failureCodeOf } from './lock-wait.js';

/** A reader such as `head` may leave when it has enough; that is no fault. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

/**
 * Asks the cluster, and sets the exit code. A failure is told in one line on stderr, which
 * `adviceFor` words by its errorCode where a user can do something about it.
 */
export async function answerWith(
  subject: string,
  ask: () => Promise<void>,
  adviceFor: ReadonlyMap<number, string> = new Map(),
): Promise<void> {
  endWithReader();
  try {
    await ask();
  } catch (error) {
    const code = failureCodeOf(error);
    if (code === undefined || !(error instanceof ConclaveError)) throw error;
    const errorCode = error instanceof RefusedError ? error.errorCode : undefined;
    const advice = errorCode === undefined ? undefined : adviceFor.get(errorCode);
    process.stderr.write(`conclave: ${subject}: ${advice ?? error.message}\n`);
    process.exitCode = code;
  }
}

/** Resolves when there is room for more, so that a slow reader does not fill the memory. */
export async function writeLine(line: string): Promise<void> {
  if (process.stdout.write(`${line}\n`)) return;
  await new Promise((resolve) => process.stdout.once('drain', resolve));
}
