import { type ErrorName, errorTable } from '../../command/errors.js';
import type { CommandError } from '../../command/result.js';

/** A request that cannot be served as it stands: an entry of the one table of errors, and why. */
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
