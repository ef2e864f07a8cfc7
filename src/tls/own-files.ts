import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { checkCredentials, readContents } from './credentials.js';
import { warningMs } from './live-credentials.js';
import { isNamed } from './peer-names.js';
import { selfSigned } from './self-signed.js';
import type { TlsFiles } from './tls-files.js';

/**
 * Makes a certificate for these hosts, unless the files have one that is good for them and will not
 * expire soon. Says whether it made one.
 * @throws {Error} of the system call that fails.
 */
export async function makeCertificate(
  files: TlsFiles,
  hosts: readonly string[],
  now: number,
): Promise<boolean> {
  if (await isGood(files, hosts, now)) return false;
  const { cert, key } = selfSigned(hosts, now);
  for (const path of [files.certFile, files.keyFile]) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  }
  await replace(files.keyFile, key);
  await replace(files.certFile, cert);
  return true;
}

async function isGood(files: TlsFiles, hosts: readonly string[], now: number): Promise<boolean> {
  const contents = await readContents(files);
  if (!contents.ok) return false;
  const checked = checkCredentials(files, contents.value, now);
  if (!checked.ok) return false;
  const { certificate, expiresAt } = checked.value;
  return expiresAt - now > warningMs && hosts.every((host) => isNamed(certificate, host));
}

/** Nobody ever finds half a file, or one that others may read. */
async function replace(path: string, text: string): Promise<void> {
  const unfinished = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(unfinished, text, { mode: 0o600, flag: 'wx' });
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
