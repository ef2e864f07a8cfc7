/**
 * - `corrupt`: what is on disk contradicts itself or the watermark. The start is refused.
 * - `identity`: the directory belongs to another member or cluster. The start is refused.
 * - `location`: no data directory can be at this path, or this process may not use it. The start is
 *   refused.
 * - `inUse`: another process has the directory. The start is refused.
 * - `version`: written by a newer program. The start is refused.
 * - `io`: a read, write or sync failed. The process ends.
 */
export type StorageErrorCode = 'corrupt' | 'identity' | 'location' | 'inUse' | 'version' | 'io';

/** `message` says what is wrong and what the operator can do about it. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
