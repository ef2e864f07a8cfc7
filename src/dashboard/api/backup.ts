import { ApiError } from './failure.js';
import { open } from './request.js';

/** A file, with the name that the member gives it. */
export interface Download {
  readonly name: string;
  readonly content: Blob;
}

/**
 * The whole cluster as one file. A link could not say who asks, so the page itself asks for it; the
 * browser keeps what is large on its disk.
 * @throws {ApiError}
 */
export async function readBackup(): Promise<Download> {
  const signal = new AbortController().signal;
  const response = await open({ method: 'GET', path: 'v2/admin/backup', signal });
  const disposition = response.headers.get('Content-Disposition') ?? '';
  const name = /filename="([^"]+)"/.exec(disposition)?.[1] ?? 'conclave.backup';
  try {
    return { name, content: await response.blob() };
  } catch {
    throw new ApiError({ type: 'unreachable' });
  }
}
