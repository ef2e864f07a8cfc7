import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Command } from 'commander';
import { ConfigError } from '../config/config-error.js';
import { fileFault } from '../file-fault.js';
import { type Fetch, secureFetch } from '../tls/secure-fetch.js';

export interface CertificateOptions {
  readonly cacert?: string;
  readonly cert?: string;
  readonly certKey?: string;
}

/** As those of curl and etcdctl, but for the key: `conclave once` has another `--key`. */
const names = {
  cacert: { flag: '--cacert', variable: 'CONCLAVE_CACERT' },
  cert: { flag: '--cert', variable: 'CONCLAVE_CERT' },
  certKey: { flag: '--cert-key', variable: 'CONCLAVE_CERT_KEY' },
} as const;

export function addCertificateOptions(command: Command): Command {
  const { cacert, cert, certKey } = names;
  return command
    .option(`${cacert.flag} <path>`, `authorities to trust, as PEM (default: $${cacert.variable})`)
    .option(`${cert.flag} <path>`, `certificate to show (default: $${cert.variable})`)
    .option(`${certKey.flag} <path>`, `its private key (default: $${certKey.variable})`);
}

/**
 * Undefined where no certificate was named: then Node's own `fetch` does.
 * @throws {ConfigError}
 */
export function fetchOf(options: CertificateOptions): Fetch | undefined {
  const ca = contentOf('cacert', options);
  const cert = contentOf('cert', options);
  const key = contentOf('certKey', options);
  if (ca === undefined && cert === undefined && key === undefined) return undefined;
  if ((cert === undefined) !== (key === undefined)) {
    throw new ConfigError('--cert and --cert-key belong together: give both, or none');
  }
  const certificates = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
  check(certificates);
  return secureFetch(certificates);
}

function contentOf(name: keyof CertificateOptions, options: CertificateOptions) {
  const given = options[name];
  const { flag, variable } = names[name];
  const path = given ?? process.env[variable] ?? '';
  if (path === '') return undefined;
  const source = given === undefined ? variable : flag;
  try {
    const text = readFileSync(path, 'latin1');
    if (text.includes('-----BEGIN ')) return text;
  } catch (error) {
    const fault = fileFault(error);
    if (fault === undefined) throw error;
    throw new ConfigError(`${source} ${path} cannot be read: ${fault}`);
  }
  throw new ConfigError(`${source} ${path} is not PEM: it has no "-----BEGIN …-----"`);
}

/** OpenSSL says the rest, such as that a key is that of another certificate. */
function check(certificates: SecureContextOptions): void {
  try {
    createSecureContext(certificates);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`the certificates cannot be used: ${reason}`);
  }
}
