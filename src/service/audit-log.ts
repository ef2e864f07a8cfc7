import type { IncomingMessage } from 'node:http';
import type { Identity } from '../command/identity.js';
import type { ClientCertificate } from '../tls/client-certificate.js';
import { ApiError } from './api-error.js';
import { basicCredentials } from './basic-credentials.js';

/** Where the lines go. */
export interface AuditSink {
  /** Resolves with whether the line was written. */
  write(line: string): Promise<boolean>;
  /** Whether the last line was written. */
  readonly isWell: boolean;
}

interface AuditOptions {
  readonly sink: AuditSink;
  /** Whether nothing may change while no line can be written. */
  readonly isRequired: boolean;
  /** In ms since 1970. */
  readonly wallNow: () => number;
  readonly member: string;
}

/** What came of a request. */
interface Outcome {
  readonly status: number;
  /** The etcd index, or the fencing token of who acquired. */
  readonly index: number | undefined;
}

/** A backup is read, and has all that there is. */
const adminPath = '/v2/admin/';

const refusedStatuses: ReadonlySet<number> = new Set([401, 403, 429]);

/**
 * Writes one line of JSON for each change and each backup, whatever came of it, and for each
 * request that was refused: who, from where, what. No value, no password and no other parameter is
 * in it.
 */
export class AuditLog {
  readonly #options: AuditOptions;

  constructor(options: AuditOptions) {
    this.#options = options;
  }

  /**
   * @param path decoded, without its query.
   * @param certificate of the client's connection, where certificates name users.
   */
  begin(
    message: IncomingMessage,
    path: string,
    certificate: ClientCertificate | undefined,
  ): AuditEntry {
    const { sink, isRequired } = this.#options;
    const claim = claimOf(message, certificate);
    const entry = new AuditEntry({ message, path, claim }, (line) => this.#write(line));
    const refuses = isRequired && entry.isChange && !sink.isWell;
    if (refuses) entry.refuse();
    return entry;
  }

  async #write(fields: object): Promise<void> {
    const { sink, isRequired, wallNow, member } = this.#options;
    const time = new Date(wallNow()).toISOString();
    const written = sink.write(`${JSON.stringify({ time, member, ...fields })}\n`);
    if (isRequired) await written;
  }
}

/** Whom a request says that it is from, and by what. */
interface Claim {
  readonly name: string;
  readonly by: 'password' | 'certificate';
}

function claimOf(
  { headers }: IncomingMessage,
  certificate: ClientCertificate | undefined,
): Claim | undefined {
  const { authorization } = headers;
  if (authorization === undefined) {
    return certificate && { name: certificate.commonName, by: 'certificate' };
  }
  const basic = basicCredentials(authorization);
  return basic && { name: basic.name, by: 'password' };
}

interface Asked {
  readonly message: IncomingMessage;
  readonly path: string;
  readonly claim: Claim | undefined;
}

/** One request, from its head to its answer. */
export class AuditEntry {
  readonly isChange: boolean;
  #identity: Identity | undefined;
  #isForced = false;
  readonly #method: string;
  readonly #path: string;
  readonly #from: string;
  readonly #claim: Claim | undefined;
  readonly #write: (fields: object) => Promise<void>;
  #isRefused = false;

  constructor({ message, path, claim }: Asked, write: (fields: object) => Promise<void>) {
    const { method = 'GET', socket } = message;
    this.isChange = method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
    this.#method = method;
    this.#path = path;
    this.#from = `${socket.remoteAddress ?? ''} ${socket.remotePort ?? ''}`.trim();
    this.#claim = claim;
    this.#write = write;
  }

  /** Undefined for a guest, and while users are not asked for. */
  askedBy(identity: Identity | undefined): void {
    this.#identity = identity;
  }

  /** Somebody else than the owner releases. */
  forced(): void {
    this.#isForced = true;
  }

  refuse(): void {
    this.#isRefused = true;
  }

  /** @throws {ApiError} when nothing may change, since no line can be written. */
  demand(): void {
    if (!this.#isRefused) return;
    throw new ApiError('auditFailed', 'nothing may change until it can be');
  }

  /** To be called before the answer is sent, which waits if the line has to be there first. */
  async end({ status, index }: Outcome): Promise<void> {
    const isTold = this.isChange || this.#path.startsWith(adminPath) || refusedStatuses.has(status);
    if (!isTold) return;
    const { name: claimed, by } = this.#claim ?? {};
    await this.#write({
      user: this.#identity?.name,
      claimed: this.#identity === undefined ? claimed : undefined,
      ...(by === 'certificate' ? { by } : {}),
      from: this.#from,
      method: this.#method,
      path: this.#path,
      ...(this.#isForced ? { forced: true } : {}),
      status,
      index,
    });
  }
}
