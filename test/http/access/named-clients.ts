import { readFileSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import { Authority, pemOf } from '../../support/certificates.js';
import type { Named } from './auth-server.js';

/** The clients of one authority, each with a certificate that names it. */
export class NamedClients implements Disposable {
  readonly #authority = new Authority('clients');
  readonly #ca = readFileSync(this.#authority.caFile, 'latin1');
  readonly #own = pemOf(this.#authority.issue());
  readonly #issued = new Map<string, SecureContextOptions>();

  /** Its member asks all clients for certificates. */
  readonly named: Named;

  constructor() {
    const secure = {
      contextOptions: { ...this.#own, ca: this.#ca },
      wantsCertificate: true,
      namesUsers: true,
      onReplaced: () => {},
    };
    this.named = { secure, shown: this.of('whoever sets it up') };
  }

  /** What the client shows, and what it trusts. */
  of(commonName: string): SecureContextOptions {
    const known = this.#issued.get(commonName);
    if (known !== undefined) return known;
    const issued = pemOf(this.#authority.issue({ commonName, names: [] }));
    const shown = { ca: this.#ca, ...issued };
    this.#issued.set(commonName, shown);
    return shown;
  }

  [Symbol.dispose](): void {
    this.#authority[Symbol.dispose]();
  }
}
