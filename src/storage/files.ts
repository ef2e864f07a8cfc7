import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Replaces a file atomically: after a crash it holds either the old bytes or the new ones. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`;
  await withHandle(temporary, 'w', async (handle) => {
    await handle.writeFile(bytes);
    await handle.sync();
  });
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

/** Makes the names in a directory durable: a file's own sync does not cover its name. */
export async function syncDirectory(path: string): Promise<void> {
  await withHandle(path, 'r', (handle) => handle.sync());
}

async function withHandle(
  path: string,
  flags: string,
  use: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const handle = await open(path, flags, 0o600);
  try {
    await use(handle);
  } finally {
    await handle.close();
  }
}

export function isErrorCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
