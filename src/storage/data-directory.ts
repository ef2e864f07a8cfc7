import {
  access,
  constants,
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { corrupt } from './corruption.js';
import { isLockFile } from './directory-lock.js';
import { isErrorCode, replaceFile, syncDirectory } from './files.js';
import { liveTables } from './leveldb-manifest.js';
import { faultOfTable } from './leveldb-table.js';
import { makeDirectory } from './make-directory.js';
import type { Identity } from './storage.js';
import { StorageError } from './storage-error.js';
import { decodeWatermark, encodeWatermark, type Watermark } from './watermark-record.js';

const ours: readonly string[] = [
  ...['db', 'db.new', 'db.copy', 'watermark', 'watermark.tmp'],
  // The certificates that the member made for itself.
  'fixtures',
];
/** Names that a file system creates at its root. */
const harmless: readonly string[] = ['lost+found'];

/** The files of a data directory, and the checks that need no open database. */
export class DataDirectory {
  readonly path: string;
  readonly database: string;
  /** A database that is being created. It gets its final name once it is complete. */
  readonly newDatabase: string;
  /** What is read in place of the database when that must not change. */
  readonly copy: string;
  readonly watermark: string;

  constructor(path: string) {
    this.path = path;
    this.database = join(path, 'db');
    this.newDatabase = join(path, 'db.new');
    this.copy = join(path, 'db.copy');
    this.watermark = join(path, 'watermark');
  }

  /** Creates the directory, readable by its owner only; refuses one that holds foreign files. */
  async prepare(): Promise<void> {
    const made = await makeDirectory(this.path);
    if (made !== undefined) await syncDirectory(dirname(made));
    await access(this.path, constants.R_OK | constants.W_OK | constants.X_OK);
    if (await this.isUsed()) return;
    const names = await readdir(this.path);
    const foreign = names.find(
      (name) => !ours.includes(name) && !harmless.includes(name) && !isLockFile(name),
    );
    if (foreign === undefined) return;
    throw new StorageError(
      'identity',
      `${this.path} is not a data directory, it holds ${foreign}. If this member ran before, ` +
        'name the directory that it had; if it never did, one that is empty or does not exist',
    );
  }

  /** Whether a member has run with this directory. */
  async isUsed(): Promise<boolean> {
    return (await readdir(this.path)).some((name) => name === 'db' || name === 'watermark');
  }

  async hasDatabase(): Promise<boolean> {
    return (await readdir(this.path)).includes('db');
  }

  async readWatermark(): Promise<Watermark | undefined> {
    const bytes = await readOrUndefined(this.watermark);
    return bytes && decodeWatermark(bytes);
  }

  writeWatermark(watermark: Watermark): Promise<void> {
    return replaceFile(this.watermark, encodeWatermark(watermark));
  }

  async clearNewDatabase(): Promise<void> {
    await rm(this.newDatabase, { recursive: true, force: true });
  }

  async publishNewDatabase(): Promise<void> {
    await rm(this.database, { recursive: true, force: true });
    await rename(this.newDatabase, this.database);
    await syncDirectory(this.path);
  }

  /** LevelDB never changes a table, so the copy may share it. */
  async copyDatabase(): Promise<void> {
    await this.clearCopy();
    await mkdir(this.copy, { mode: 0o700 });
    for (const name of await readdir(this.database)) {
      const [from, to] = [join(this.database, name), join(this.copy, name)];
      if (name.endsWith('.ldb')) await link(from, to);
      else if (name !== 'LOCK') await copyFile(from, to);
    }
  }

  async clearCopy(): Promise<void> {
    await rm(this.copy, { recursive: true, force: true });
  }

  /**
   * LevelDB verifies no table that it reads, a damaged one may abort the process, and a missing
   * manifest looks like a failed disk. So its files are verified before it opens them.
   */
  async verifyDatabase(): Promise<void> {
    const current = await readOrUndefined(join(this.database, 'CURRENT'));
    const manifest = /^(MANIFEST-\d+)\n$/.exec(current?.toString('latin1') ?? '')?.[1];
    if (manifest === undefined) throw corrupt(`${this.database}/CURRENT is missing or damaged`);
    const edits = await readOrUndefined(join(this.database, manifest));
    if (edits === undefined) throw corrupt(`${this.database}/${manifest} is missing`);
    for (const number of liveTables(edits)) {
      const path = join(this.database, `${String(number).padStart(6, '0')}.ldb`);
      const table = await readOrUndefined(path);
      const fault = table === undefined ? 'it is missing' : faultOfTable(table);
      if (fault !== undefined) throw corrupt(`the table ${path} is not whole: ${fault}`);
    }
  }
}

/**
 * Whose directory it is; undefined when it has not been made, or not to its end. Where it cannot be
 * read, its opening says why.
 * @throws {StorageError} when it is damaged.
 */
export async function storedIdentity(path: string): Promise<Identity | undefined> {
  try {
    return (await new DataDirectory(path).readWatermark())?.identity;
  } catch (error) {
    if (error instanceof StorageError) throw error;
    return undefined;
  }
}

async function readOrUndefined(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
