import type { Logger } from '../logger.js';
import { prepareDirectory } from '../storage/directory-creation.js';
import { LiveCredentials } from '../tls/live-credentials.js';
import { makeCertificate } from '../tls/own-files.js';
import type { TlsFiles } from '../tls/tls-files.js';

/**
 * Those of one face; undefined where it does not speak TLS. Makes them first, if the member is to.
 * @throws {Error} when a file of the certificates is missing, or wrong.
 * @throws {StorageError} when they are to be made, and the data directory is refused.
 */
export async function openCredentials(
  files: TlsFiles | undefined,
  dataDir: string,
  logger: Logger,
): Promise<LiveCredentials | undefined> {
  if (files === undefined) return undefined;
  const { certFile, madeFor } = files;
  if (madeFor !== undefined) {
    // Not before it is known to be one: a foreign directory is left as it is.
    await prepareDirectory(dataDir);
    const isNew = await makeCertificate(files, madeFor, Date.now());
    if (isNew) logger.info({ certFile, names: madeFor.join() }, 'made a self-signed certificate');
  }
  const opened = await LiveCredentials.open({ files, wallNow: Date.now, logger });
  if (!opened.ok) throw new Error(opened.error);
  return opened.value;
}
