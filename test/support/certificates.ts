import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate with its key, in files. */
export interface Issued {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface Wish {
  readonly commonName?: string;
  /** Of which the common name is a part otherwise. */
  readonly subject?: string;
  /** `DNS:…` and `IP:…`. */
  readonly names?: readonly string[];
  readonly days?: number;
  /** It was valid from 24 to 12 hours ago. */
  readonly isExpired?: boolean;
  /** As OpenSSL calls them; undefined: the certificate does not limit its use. */
  readonly usage?: string;
}

export const localNames = ['DNS:localhost', 'IP:127.0.0.1'];

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** An authority that lives as long as a test, and its folder of files. */
export class Authority implements Disposable {
  readonly folder: string;
  readonly caFile: string;
  readonly #keyFile: string;
  #issued = 0;

  constructor(name = 'test authority') {
    this.folder = mkdtempSync(join(tmpdir(), 'conclave-ca-'));
    this.caFile = this.path('ca.crt');
    this.#keyFile = this.path('ca.key');
    openssl(
      ...['req', '-x509', ...newKey, '-days', '2', '-subj', `/CN=${name}`],
      ...['-keyout', this.#keyFile, '-out', this.caFile],
    );
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  issue(wish: Wish = {}): Issued {
    const { commonName = 'localhost', names = localNames, days = 2, usage } = wish;
    const { subject = `/CN=${commonName}` } = wish;
    this.#issued += 1;
    const stem = this.path(`issued-${this.#issued}`);
    const [certFile, keyFile, request] = [`${stem}.crt`, `${stem}.key`, `${stem}.csr`];
    const extensions = [
      ...(names.length > 0 ? ['-addext', `subjectAltName=${names.join(',')}`] : []),
      ...(usage === undefined ? [] : ['-addext', `extendedKeyUsage=${usage}`]),
    ];
    openssl(
      ...['req', '-new', ...newKey, '-subj', subject, ...extensions],
      ...['-keyout', keyFile, '-out', request],
    );
    if (wish.isExpired === true) this.#signExpired(request, certFile);
    else {
      openssl(
        ...['x509', '-req', '-in', request, '-CA', this.caFile, '-CAkey', this.#keyFile],
        ...['-copy_extensions', 'copy', '-days', String(days), '-out', certFile],
      );
    }
    return { certFile, keyFile };
  }

  /**
   * A list of what it has revoked. The file is written again when the list is for the same name.
   */
  revoke(name: string, issued: readonly Issued[], { isExpired = false } = {}): string {
    const signed = [...this.#openDatabase(), '-cert', this.caFile, '-keyfile', this.#keyFile];
    for (const { certFile } of issued) openssl('ca', ...signed, '-revoke', certFile);
    const file = this.path(name);
    const days = isExpired
      ? ['-crl_lastupdate', hoursAgo(24), '-crl_nextupdate', hoursAgo(12)]
      : ['-crldays', '2'];
    openssl('ca', ...signed, '-gencrl', ...days, '-out', file);
    return file;
  }

  /** Only the database of an authority lets both times be chosen. */
  #signExpired(request: string, certFile: string): void {
    openssl(
      ...['ca', '-batch', '-notext', ...this.#openDatabase(), '-in', request, '-out', certFile],
      ...['-cert', this.caFile, '-keyfile', this.#keyFile],
      ...['-startdate', hoursAgo(24), '-enddate', hoursAgo(12)],
    );
  }

  /** Empty. */
  #openDatabase(): readonly string[] {
    const [settings, database] = [this.path('ca.cnf'), this.path('index.txt')];
    writeFileSync(
      settings,
      [
        ...['[ca]', 'default_ca = one', '[one]', `database = ${database}`, 'unique_subject = no'],
        ...[`new_certs_dir = ${this.folder}`, 'default_md = sha256', 'policy = any'],
        ...['copy_extensions = copy', 'rand_serial = yes', '[any]', 'commonName = supplied', ''],
      ].join('\n'),
    );
    writeFileSync(database, '');
    return ['-config', settings];
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function hoursAgo(hours: number): string {
  const time = new Date(Date.now() - hours * 3_600_000).toISOString();
  return `${time.replaceAll(/[-:T]|\..*/g, '')}Z`;
}

/** What Node's TLS takes. */
export function pemOf({ certFile, keyFile }: Issued): {
  readonly cert: string;
  readonly key: string;
} {
  return { cert: readFileSync(certFile, 'latin1'), key: readFileSync(keyFile, 'latin1') };
}

export function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
