import type { SecureContextOptions } from 'node:tls';
import type { Logger } from '../logger.js';
import { ok, type Result } from '../result.js';
import { type Credentials, checkCredentials, readContents } from './credentials.js';
import { type PemContents, secureOptions } from './secure-options.js';
import type { TlsFiles } from './tls-files.js';

export interface LiveCredentialsOptions {
  readonly files: TlsFiles;
  readonly wallNow: () => number;
  readonly logger: Logger;
}

/** How often the files are looked at. */
const lookMs = 5_000;

const dayMs = 86_400_000;

/** From so long before the end on, the log tells it once a day. */
export const warningMs = 14 * dayMs;

/**
 * What one face shows and trusts, for as long as the member runs. The files are read again when
 * they change. Connections that are open go on with what they began with.
 */
export class LiveCredentials {
  readonly #options: LiveCredentialsOptions;
  readonly #listeners: (() => void)[] = [];
  #current: Credentials;
  /** What the last look found, where it is not what is in use. */
  #found: Result<PemContents, string> | undefined;
  /** Why that is not used; undefined before it has been judged. */
  #refusal: string | undefined;
  #warnedAt = Number.NEGATIVE_INFINITY;
  #listsWarnedAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: LiveCredentialsOptions, current: Credentials) {
    this.#options = options;
    this.#current = current;
    this.#warn();
  }

  /** The failure is a sentence that says which file is wrong, and why. */
  static async open(options: LiveCredentialsOptions): Promise<Result<LiveCredentials, string>> {
    const { files, wallNow } = options;
    const contents = await readContents(files);
    if (!contents.ok) return contents;
    const checked = checkCredentials(files, contents.value, wallNow());
    return checked.ok ? ok(new LiveCredentials(options, checked.value)) : checked;
  }

  get wantsCertificate(): boolean {
    return this.#options.files.trustedCaFile !== undefined;
  }

  get namesUsers(): boolean {
    return this.#options.files.namesUsers === true;
  }

  get contextOptions(): SecureContextOptions {
    return secureOptions(this.#current, this.#options.files.minVersion);
  }

  /** Wall time in milliseconds. */
  get expiresAt(): number {
    return this.#current.expiresAt;
  }

  /** Calls back whenever `contextOptions` has changed. */
  onReplaced(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Looks at the files from now on, until it is closed. */
  watch(): void {
    this.#timer ??= setInterval(() => void this.look(), lookMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /**
   * Whoever replaces several files does so one after the other. So a change counts when the next
   * look finds the same again.
   */
  async look(): Promise<void> {
    this.#warn();
    this.#warnOfLists();
    const contents = await readContents(this.#options.files);
    const isKnown = this.#found !== undefined && isSame(contents, this.#found);
    if (!isKnown) {
      this.#refusal = undefined;
      this.#found = isSame(contents, ok(this.#current)) ? undefined : contents;
      return;
    }
    if (this.#refusal === undefined) this.#judge(contents);
  }

  /** Somebody says that the files have been replaced, all of them. */
  async readAgain(): Promise<void> {
    const contents = await readContents(this.#options.files);
    this.#found = contents;
    this.#judge(contents);
  }

  #judge(contents: Result<PemContents, string>): void {
    const { files, wallNow, logger } = this.#options;
    const checked = contents.ok ? checkCredentials(files, contents.value, wallNow()) : contents;
    if (!checked.ok) {
      this.#refusal = checked.error;
      logger.error({ reason: checked.error }, 'new certificates refused: the old ones go on');
      return;
    }
    this.#found = undefined;
    this.#current = checked.value;
    this.#warnedAt = Number.NEGATIVE_INFINITY;
    this.#listsWarnedAt = Number.NEGATIVE_INFINITY;
    for (const listener of this.#listeners) listener();
    logger.info(
      { certFile: files.certFile, expires: new Date(this.expiresAt).toISOString() },
      'certificates read again',
    );
    this.#warn();
  }

  #warn(): void {
    const { files, wallNow, logger } = this.#options;
    const now = wallNow();
    const leftMs = this.expiresAt - now;
    if (leftMs > warningMs || now - this.#warnedAt < dayMs) return;
    this.#warnedAt = now;
    const expires = new Date(this.expiresAt).toISOString();
    const fields = { certFile: files.certFile, expires };
    if (leftMs > 0) logger.warn(fields, 'a certificate expires soon');
    else logger.error(fields, 'a certificate has expired');
  }

  /** They live for days only, so that they are told when they are over, and not before. */
  #warnOfLists(): void {
    const { files, wallNow, logger } = this.#options;
    const now = wallNow();
    const { listsExpireAt } = this.#current;
    if (listsExpireAt > now || now - this.#listsWarnedAt < dayMs) return;
    this.#listsWarnedAt = now;
    const expired = new Date(listsExpireAt).toISOString();
    logger.error({ crlFile: files.crlFile, expired }, 'a list of revoked certificates has expired');
  }
}

function isSame(one: Result<PemContents, string>, other: Result<PemContents, string>): boolean {
  if (!one.ok || !other.ok) return !one.ok && !other.ok && one.error === other.error;
  const keys = ['cert', 'key', 'ca', 'crl'] as const;
  return keys.every((key) => one.value[key] === other.value[key]);
}
