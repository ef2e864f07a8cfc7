import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from '../storage/files.js';
import { BackupCheck, type CheckedBackup } from './backup-check.js';

const pieceBytes = 256 * 1024;

/**
 * Writes a backup to a file, and checks it on the way. The file gets its name once it is whole and
 * durable: until then there is what was there before.
 * @throws {BackupError} for bytes that are no whole backup, and what the file system throws.
 */
export async function saveBackup(
  bytes: AsyncIterable<Uint8Array>,
  path: string,
): Promise<CheckedBackup> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    const checked = await writeAll(bytes, handle);
    await rename(temporary, path);
    await syncDirectory(dirname(path));
    return checked;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeAll(
  bytes: AsyncIterable<Uint8Array>,
  handle: FileHandle,
): Promise<CheckedBackup> {
  try {
    const check = new BackupCheck();
    for await (const piece of bytes) {
      await handle.writeFile(piece);
      check.push(piece);
    }
    const checked = check.finish();
    await handle.sync();
    return checked;
  } finally {
    await handle.close();
  }
}

/**
 * Writes a backup to a stream as it comes, and checks it on the way.
 * @throws {BackupError} when what was written is no whole backup.
 */
export async function passBackup(
  bytes: AsyncIterable<Uint8Array>,
  stream: NodeJS.WritableStream,
): Promise<CheckedBackup> {
  const check = new BackupCheck();
  for await (const piece of bytes) {
    if (!stream.write(piece)) await once(stream, 'drain');
    check.push(piece);
  }
  return check.finish();
}

/**
 * @param path of a file; - for stdin.
 * @throws {BackupError} for what is no whole backup, and what the file system throws.
 */
export async function readBackup(path: string): Promise<CheckedBackup> {
  const stream =
    path === '-' ? process.stdin : createReadStream(path, { highWaterMark: pieceBytes });
  const check = new BackupCheck();
  for await (const piece of stream) check.push(piece);
  return check.finish();
}
