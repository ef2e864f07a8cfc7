import { AssertionError } from '../assert.js';
import { corrupt } from './corruption.js';
import { isErrorCode } from './files.js';
import { locationError } from './location-error.js';
import { StorageError } from './storage-error.js';

/**
 * Fail-stop: after the first failure every later step fails with it. After one failed write or sync
 * nobody knows what is on the disk, and a retry that succeeds proves nothing: the kernel may have
 * dropped the page, and LevelDB goes on with a journal that cannot be read past the failure.
 */
export class FailStop {
  #failure: StorageError | undefined;

  get failure(): StorageError | undefined {
    return this.#failure;
  }

  fail(failure: StorageError): StorageError {
    this.#failure ??= failure;
    return this.#failure;
  }

  async run<Result>(step: () => Promise<Result>): Promise<Result> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return await step();
    } catch (error) {
      if (error instanceof AssertionError) throw error;
      throw this.fail(asStorageError(error));
    }
  }
}

export function asStorageError(error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  const reason = deepestMessage(error);
  if (isErrorCode(error, 'LEVEL_CORRUPTION')) {
    return corrupt(`LevelDB finds its files damaged (${reason})`, { cause: error });
  }
  const location = locationError(error);
  if (location !== undefined) return location;
  return new StorageError(
    'io',
    `the disk failed (${reason}): nothing may be acknowledged after it. Repair the disk or free space, then start again`,
    { cause: error },
  );
}

function deepestMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : deepestMessage(error.cause);
}
