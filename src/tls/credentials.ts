import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { fileFault } from '../file-fault.js';
import { failure, ok, type Result } from '../result.js';
import { checkLists } from './revocation-lists.js';
import { type PemContents, secureOptions } from './secure-options.js';
import type { TlsFiles } from './tls-files.js';

/** The content of the files of one face, checked: the certificate can be shown today. */
export interface Credentials extends PemContents {
  readonly certificate: X509Certificate;
  /** When the first of the certificates in `cert` expires: wall time in milliseconds. */
  readonly expiresAt: number;
  /** When the first of the lists in `crl` is over, likewise; never where there is none. */
  readonly listsExpireAt: number;
}

/** A failure is a whole sentence, for the log or for whoever starts the member. */
export async function readContents({
  certFile,
  keyFile,
  trustedCaFile,
  crlFile,
  flagPrefix,
}: TlsFiles): Promise<Result<PemContents, string>> {
  const cert = await read(`--${flagPrefix}cert-file`, certFile);
  if (!cert.ok) return cert;
  const key = await read(`--${flagPrefix}key-file`, keyFile);
  if (!key.ok) return key;
  const ca = await readIfGiven(`--${flagPrefix}trusted-ca-file`, trustedCaFile);
  if (!ca.ok) return ca;
  const crl = await readIfGiven(crlFlag(flagPrefix), crlFile);
  if (!crl.ok) return crl;
  return ok({ cert: cert.value, key: key.value, ca: ca.value, crl: crl.value });
}

function crlFlag(flagPrefix: TlsFiles['flagPrefix']): string {
  return `--${flagPrefix || 'client-'}crl-file`;
}

async function readIfGiven(
  flag: string,
  path: string | undefined,
): Promise<Result<string | undefined, string>> {
  return path === undefined ? ok(undefined) : await read(flag, path);
}

async function read(flag: string, path: string): Promise<Result<string, string>> {
  try {
    return ok(await readFile(path, 'latin1'));
  } catch (error) {
    const fault = fileFault(error);
    if (fault === undefined) throw error;
    return failure(`${flag} ${path} cannot be read: ${fault}`);
  }
}

export function checkCredentials(
  files: TlsFiles,
  { cert, key, ca, crl }: PemContents,
  now: number,
): Result<Credentials, string> {
  const certSource = `--${files.flagPrefix}cert-file ${files.certFile}`;
  const chain = certificatesIn(certSource, cert);
  if (!chain.ok) return chain;
  const [certificate] = chain.value;
  if (certificate === undefined) return failure(`${certSource} has no certificate`);
  const keySource = `--${files.flagPrefix}key-file ${files.keyFile}`;
  const privateKey = privateKeyIn(keySource, key);
  if (!privateKey.ok) return privateKey;
  if (!certificate.checkPrivateKey(privateKey.value)) {
    return failure(`${keySource} is not the key of the certificate in ${certSource}`);
  }
  const fault =
    timeFault(certSource, chain.value, now) ??
    usageFault(certSource, certificate, files) ??
    authorityFault(files, ca, now);
  if (fault !== undefined) return failure(fault);
  const lists = checkRevocation(files, crl, now);
  if (!lists.ok) return lists;
  const expiresAt = Math.min(...chain.value.map(({ validTo }) => Date.parse(validTo)));
  const credentials = { cert, key, ca, crl, certificate, expiresAt, listsExpireAt: lists.value };
  return contextFault(certSource, credentials, files) ?? ok(credentials);
}

/** All blocks of a file count. Text between them is for people. */
function certificatesIn(source: string, pem: string): Result<readonly X509Certificate[], string> {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g);
  if (blocks === null) {
    const other = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(pem)?.[1];
    return failure(
      other === undefined
        ? `${source} is not PEM: it has no "-----BEGIN CERTIFICATE-----"`
        : `${source} has no certificate, but: ${other}`,
    );
  }
  try {
    return ok(blocks.map((block) => new X509Certificate(block)));
  } catch {
    return failure(`${source} has a certificate that cannot be read: it is damaged`);
  }
}

function privateKeyIn(source: string, pem: string): Result<KeyObject, string> {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    return failure(`${source} is not PEM: it has no "-----BEGIN PRIVATE KEY-----"`);
  }
  if (/ENCRYPTED/.test(pem)) {
    return failure(`${source} is encrypted: nobody can give a member the passphrase of its key`);
  }
  try {
    return ok(createPrivateKey(pem));
  } catch {
    return failure(`${source} has a private key that cannot be read: it is damaged`);
  }
}

/** X.509 has no certificate without both times, and Node gives them as text of this kind. */
function timeFault(
  source: string,
  chain: readonly X509Certificate[],
  now: number,
): string | undefined {
  for (const { validFrom, validTo } of chain) {
    if (Date.parse(validTo) <= now) {
      return `${source} has a certificate that expired at ${timeText(validTo)}`;
    }
    if (Date.parse(validFrom) > now) {
      return `${source} has a certificate that is not valid before ${timeText(validFrom)}`;
    }
  }
  return undefined;
}

function timeText(time: string | number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

const serverAuth = '1.3.6.1.5.5.7.3.1';
const clientAuth = '1.3.6.1.5.5.7.3.2';

/**
 * A certificate without a list of usages is good for all of them. A peer both serves and dials.
 */
function usageFault(
  source: string,
  { keyUsage }: X509Certificate,
  { flagPrefix }: TlsFiles,
): string | undefined {
  const wanted: readonly (readonly [string, string])[] =
    flagPrefix === 'peer-'
      ? [
          [serverAuth, 'serverAuth'],
          [clientAuth, 'clientAuth'],
        ]
      : [[serverAuth, 'serverAuth']];
  // The types promise it always.
  const given: readonly string[] | undefined = keyUsage;
  const missing = wanted.find(([oid]) => given !== undefined && !given.includes(oid));
  if (missing === undefined) return undefined;
  return `${source} has a certificate whose extended key usage lacks ${missing[1]}`;
}

/** Some of them may have expired, while a new authority takes the place of an old one. */
function authorityFault(
  { flagPrefix, trustedCaFile }: TlsFiles,
  ca: string | undefined,
  now: number,
): string | undefined {
  if (ca === undefined) return undefined;
  const source = `--${flagPrefix}trusted-ca-file ${trustedCaFile}`;
  const found = certificatesIn(source, ca);
  if (!found.ok) return found.error;
  const valid = found.value.some(({ validTo }) => Date.parse(validTo) > now);
  return valid ? undefined : `${source} has no certificate that has not expired`;
}

function checkRevocation(
  { flagPrefix, crlFile }: TlsFiles,
  crl: string | undefined,
  now: number,
): Result<number, string> {
  if (crl === undefined) return ok(Number.POSITIVE_INFINITY);
  return checkLists(`${crlFlag(flagPrefix)} ${crlFile}`, crl, now);
}

/** OpenSSL refuses more than is checked above, such as keys that are too short. */
function contextFault(
  source: string,
  credentials: Credentials,
  { minVersion }: TlsFiles,
): Result<never, string> | undefined {
  try {
    createSecureContext(secureOptions(credentials, minVersion));
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return failure(`${source} cannot be used: ${reason}`);
  }
}
