import { randomBytes } from 'node:crypto';
import { type FileHandle, lstat, open, readdir, rename, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { isErrorCode } from './files.js';
import { StorageError } from './storage-error.js';

const prefix = 'lock.';
const temporaryPrefix = 'locking.';
/** What `sockaddr_un` holds on every platform, less the terminating zero. */
const socketPathBytesMax = 103;
const connectTimeoutMs = 2000;

/**
 * Admits one process to a data directory. The lock is a listening Unix socket in the directory.
 * Whoever can connect to it knows that its owner lives: the kernel answers for the owner, also to a
 * process in another container, where process ids differ. It stops answering the moment the owner
 * is gone.
 *
 * Every contender first creates its own socket, then looks for others, and yields to any that
 * answers. Of two contenders at least one sees the other, so never do both go on.
 */
export class DirectoryLock {
  readonly #server: Server;
  readonly #path: string;

  private constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
  }

  /** @throws StorageError `inUse`, naming the process that has the directory. */
  static async acquire(dataDir: string): Promise<DirectoryLock> {
    const suffix = `${process.pid}.${randomBytes(4).toString('hex')}`;
    const name = prefix + suffix;
    const server = createServer((socket) => socket.destroy()).unref();
    const lock = new DirectoryLock(server, join(dataDir, name));
    const directory = await open(dataDir, 'r');
    try {
      // The socket gets its final name once it listens, so one that refuses has no living owner.
      const temporary = temporaryPrefix + suffix;
      await listen(server, reachablePath(dataDir, directory, temporary));
      await rename(join(dataDir, temporary), lock.#path);
      await yieldToOthers(dataDir, directory, name);
      await lstat(lock.#path);
    } catch (error) {
      await lock.release();
      throw asLockError(dataDir, error);
    } finally {
      await directory.close();
    }
    return lock;
  }

  async release(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    await remove(this.#path);
  }
}

export function isLockFile(name: string): boolean {
  return name.startsWith(prefix) || name.startsWith(temporaryPrefix);
}

/** A path too long for a socket address is shortened by a path through the open directory. */
function reachablePath(dataDir: string, directory: FileHandle, name: string): string {
  const path = join(dataDir, name);
  return Buffer.byteLength(path) <= socketPathBytesMax
    ? path
    : `/proc/self/fd/${directory.fd}/${name}`;
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // A connection that cannot be accepted is another process's, and no reason to stop.
    server.on('error', () => undefined);
    server.listen(path, resolve);
  });
}

async function yieldToOthers(dataDir: string, directory: FileHandle, own: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (name === own || !isLockFile(name)) continue;
    if (name.startsWith(prefix) && (await answers(reachablePath(dataDir, directory, name)))) {
      const [pid] = name.slice(prefix.length).split('.');
      throw new StorageError(
        'inUse',
        `process ${pid} has the data directory ${dataDir} open. If that is this member, it runs already; ` +
          'if it is another one, --data-dir must name the directory that this member had before',
      );
    }
    await remove(join(dataDir, name));
  }
}

/** Only a refusal proves that nobody listens; no answer may come from a suspended process. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (isAlive: boolean): void => {
      socket.destroy();
      resolve(isAlive);
    };
    socket.setTimeout(connectTimeoutMs, () => settle(true));
    socket.once('connect', () => settle(true));
    socket.once('error', (error) => {
      settle(!isErrorCode(error, 'ECONNREFUSED') && !isErrorCode(error, 'ENOENT'));
    });
  });
}

async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isErrorCode(error, 'ENOENT')) throw error;
  }
}

function asLockError(dataDir: string, error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  if (isErrorCode(error, 'ENOENT')) {
    return new StorageError(
      'inUse',
      `another process starts in the data directory ${dataDir} at the same time`,
      { cause: error },
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new StorageError(
    'io',
    `the data directory ${dataDir} cannot be locked by a Unix socket in it (${reason}): use a local file system`,
    { cause: error },
  );
}
