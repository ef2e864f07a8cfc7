import { type FileHandle, open } from 'node:fs/promises';
import type { Logger } from '../logger.js';
import type { AuditSink } from './audit-log.js';

/** In characters. Lines beyond them are lost, and changes stop where the audit is required. */
const waitingMax = 4 * 1024 * 1024;

/** For what is being written when the member ends. */
const closeGraceMs = 1000;

/** Appends lines to a file, which may be moved away and opened anew. `-` is standard output. */
export class AuditFile implements AuditSink {
  readonly #path: string;
  readonly #logger: Logger;
  #file: FileHandle | undefined;
  #waiting: string[] = [];
  #waitingLength = 0;
  #onWritten: ((isWritten: boolean) => void)[] = [];
  /** Undefined while there is nothing to write. */
  #writing: Promise<void> | undefined;
  #isWell = true;

  private constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
  }

  /** @throws {Error} when the file cannot be opened. */
  static async open(path: string, logger: Logger): Promise<AuditFile> {
    const file = new AuditFile(path, logger);
    if (path !== '-') file.#file = await openToAppend(path);
    return file;
  }

  get isWell(): boolean {
    return this.#isWell;
  }

  write(line: string): Promise<boolean> {
    if (this.#waitingLength + line.length > waitingMax) {
      this.#note(new Error('the disk is too slow'));
      return Promise.resolve(false);
    }
    this.#waiting.push(line);
    this.#waitingLength += line.length;
    return new Promise((resolve) => {
      this.#onWritten.push(resolve);
      this.#writing ??= this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      // What could not be written may have been in part, so its line ends here.
      const text = (this.#isWell ? '' : '\n') + this.#waiting.join('');
      const told = this.#onWritten;
      this.#waiting = [];
      this.#waitingLength = 0;
      this.#onWritten = [];
      const error = await this.#append(text);
      this.#note(error);
      for (const tell of told) tell(error === undefined);
    }
    this.#writing = undefined;
  }

  async #append(text: string): Promise<Error | undefined> {
    try {
      if (this.#path === '-') await written(text);
      else await this.#file?.appendFile(text);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Told once when it begins, and once when it is over. */
  #note(error: Error | undefined): void {
    const wasWell = this.#isWell;
    this.#isWell = error === undefined;
    if (wasWell && error !== undefined) {
      this.#logger.error({ err: error, path: this.#path }, 'the audit log cannot be written');
    }
    if (!wasWell && this.#isWell) {
      this.#logger.info({ path: this.#path }, 'the audit log is written again');
    }
  }

  /** The file was moved away: the next line goes into a new one of the old name. */
  async reopen(): Promise<void> {
    if (this.#path === '-') return;
    const before = this.#file;
    try {
      this.#file = await openToAppend(this.#path);
      this.#isWell = true;
      await before?.close();
      this.#logger.info({ path: this.#path }, 'opened the audit log anew');
    } catch (error) {
      const err = error instanceof Error ? error : new Error(String(error));
      this.#logger.error({ err, path: this.#path }, 'the audit log cannot be opened anew');
    }
  }

  /** A disk or a reader that has stopped does not keep the member from its end. */
  async close(graceMs = closeGraceMs): Promise<void> {
    const isOverdue = new Promise<void>((resolve) => {
      setTimeout(resolve, graceMs).unref();
    });
    await Promise.race([this.#writing, isOverdue]);
    if (this.#writing === undefined) await this.#file?.close();
    this.#file = undefined;
  }
}

/** Others may not read who does what. */
function openToAppend(path: string): Promise<FileHandle> {
  return open(path, 'a', 0o600);
}

function written(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
