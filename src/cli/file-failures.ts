import { BackupError } from '../backup/backup-error.js';
import { StorageError } from '../storage/storage-error.js';
import { exitCodes } from './exit-codes.js';
import { failureCodeOf, lineOf } from './lock-wait.js';

/** Runs what reads or writes files. A failure is told in one line on stderr, with an exit code. */
export async function withFiles(subject: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const message = messageOf(error);
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
function messageOf(error: unknown): string | undefined {
  if (failureCodeOf(error) !== undefined) return lineOf(error);
  if (error instanceof BackupError || error instanceof StorageError) return error.message;
  const isSystemError = error instanceof Error && 'syscall' in error && 'code' in error;
  // As Node puts it: "ENOENT: no such file or directory, open '/a/b'".
  const pattern = /^[A-Z]+: (.*), [a-z]+ '([^']*)'$/;
  return isSystemError ? error.message.replace(pattern, '$2: $1') : undefined;
}
