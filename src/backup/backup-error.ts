import { MalformedError, NewerFormatError } from '../encoding/format-error.js';

/**
 * - `foreign`: it is no backup.
 * - `damaged`: it is not what a member wrote, or a part of it is missing.
 * - `newer`: a newer release wrote it.
 */
export type BackupErrorCode = 'foreign' | 'damaged' | 'newer';

/** A backup that cannot be used. `message` says why, and what can be done about it. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
  readonly code: BackupErrorCode;

  constructor(code: BackupErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function damaged(why: string, options?: ErrorOptions): BackupError {
  return new BackupError('damaged', `the backup is damaged: ${why}; take another one`, options);
}

/**
 * Reads a part of a backup.
 * @throws {BackupError} for what nobody wrote, or a newer release did.
 */
export function ofBackup<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof NewerFormatError) {
      const reason = error.message.replace(/: upgrade it$/, '');
      const todo = 'use the release that wrote it, or a newer one';
      throw new BackupError('newer', `${reason}: ${todo}`, { cause: error });
    }
    if (!(error instanceof MalformedError)) throw error;
    throw damaged(error.message, { cause: error });
  }
}
