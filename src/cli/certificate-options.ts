import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Command } from 'commander';
import { commandVariables } from '../config/command-variables.js';
import { ConfigError } from '../config/config-error.js';
import { fileFault } from '../file-fault.js';
import { type Fetch, secureFetch } from '../tls/secure-fetch.js';
import { withSuggestion } from './fetch-fault.js';

export interface CertificateOptions {
  readonly cacert?: string | undefined;
  readonly cert?: string | undefined;
  readonly certKey?: string | undefined;
}

/** What the options are called, and the variables that stand for those that are not given. */
export type CertificateNames = Readonly<
  Record<keyof CertificateOptions, { readonly flag: string; readonly variable?: string }>
>;

/** As those of curl and etcdctl, but for the key: `conclave once` has another `--key`. */
const names = {
  cacert: { flag: '--cacert', variable: commandVariables.cacert },
  cert: { flag: '--cert', variable: commandVariables.cert },
  certKey: { flag: '--cert-key', variable: commandVariables.certKey },
} as const satisfies CertificateNames;

export function addCertificateOptions(command: Command): Command {
  const { cacert, cert, certKey } = names;
  return command
    .option(`${cacert.flag} <path>`, `authorities to trust, as PEM (default: $${cacert.variable})`)
    .option(`${cert.flag} <path>`, `certificate to show (default: $${cert.variable})`)
    .option(`${certKey.flag} <path>`, `its private key (default: $${certKey.variable})`);
}

/** @throws {ConfigError} */
export function fetchOf(options: CertificateOptions, called: CertificateNames = names): Fetch {
  const { flag, variable } = called.cacert;
  const given = options.cacert ?? (variable === undefined ? '' : process.env[variable]) ?? '';
  return withSuggestion(certifiedFetch(options, called), { flag, isGiven: given !== '' });
}

/** Where no certificate is named, Node's own `fetch` does. */
function certifiedFetch(options: CertificateOptions, called: CertificateNames): Fetch {
  const ca = contentOf(options.cacert, called.cacert);
  const cert = contentOf(options.cert, called.cert);
  const key = contentOf(options.certKey, called.certKey);
  if (ca === undefined && cert === undefined && key === undefined) return globalThis.fetch;
  if ((cert === undefined) !== (key === undefined)) {
    const both = `${called.cert.flag} and ${called.certKey.flag}`;
    throw new ConfigError(`${both} belong together: give both, or none`);
  }
  const certificates = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
  check(certificates);
  return secureFetch(certificates);
}

function contentOf(
  given: string | undefined,
  { flag, variable }: CertificateNames[keyof CertificateNames],
): string | undefined {
  const path = given ?? (variable === undefined ? '' : (process.env[variable] ?? ''));
  if (path === '') return undefined;
  const source = given === undefined ? (variable ?? flag) : flag;
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
