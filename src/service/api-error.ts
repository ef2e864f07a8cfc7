import type { CommandError } from '../command/command-result.js';
import { type ErrorName, errorTable } from '../command/errors.js';

/** A request that is refused: an entry of the table of errors, and the cause. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly error: ErrorName;
  override readonly cause: string;

  constructor(error: ErrorName, cause: string) {
    super(`${errorTable[error].message} (${cause})`);
    this.error = error;
    this.cause = cause;
  }

  toCommandError(index: number): CommandError {
    return { errorCode: errorTable[this.error].errorCode, cause: this.cause, index };
  }
}
