import { BackupError } from '../backup/backup-error.js';
import { StorageError } from '../storage/storage-error.js';
import { exitCodes } from './exit-codes.js';
import { failureCodeOf, lineOf } from './lock-wait.js';

/**
 * Runs what reads or writes files. A failure is told in one line on stderr, with an exit code.
 * @param file the backup that is read; - for stdin.
 */
export async function withFiles(
  subject: string,
  run: () => Promise<void>,
  file = '-',
): Promise<void> {
  try {
    await run();
  } catch (error) {
    const message = messageOf(error, file);
    if (message === undefined) throw error;
    process.stderr.write(`conclave: ${subject}: ${message}\n`);
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  const isInUse = error instanceof StorageError && error.code === 'inUse';
  return failureCodeOf(error) ?? (isInUse ? exitCodes.inUse : exitCodes.refused);
}

/** Undefined for a failure of the program. */
function messageOf(error: unknown, file: string): string | undefined {
  if (failureCodeOf(error) !== undefined) return lineOf(error);
  if (error instanceof StorageError) return error.message;
  if (error instanceof BackupError)
    return file === '-' ? error.message : `${file}: ${error.message}`;
  const isSystemError = error instanceof Error && 'syscall' in error && 'code' in error;
  // As Node puts it: "ENOENT: no such file or directory, open '/a/b'".
  const pattern = /^[A-Z]+: (.*), [a-z]+ '([^']*)'$/;
  return isSystemError ? error.message.replace(pattern, '$2: $1') : undefined;
}
