import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { PeerNames } from './tls-files.js';

/**
 * Why the certificate is not that of the member whose peer URL has this host: completes "it is
 * refused: ". A common name counts only where it is asked for.
 */
export function nameFault(
  certificate: X509Certificate,
  host: string,
  { allowedCommonName, allowedHostname }: PeerNames,
): string | undefined {
  if (allowedCommonName !== undefined) {
    const shown = commonNameOf(certificate);
    if (shown === allowedCommonName) return undefined;
    const text =
      shown === undefined
        ? 'has no common name'
        : `has the common name "${shown.slice(0, namesLengthMax)}"`;
    return `its certificate ${text}, and --peer-cert-allowed-cn is "${allowedCommonName}"`;
  }
  const wanted = allowedHostname ?? host;
  if (isNamed(certificate, wanted)) return undefined;
  const names = certificate.subjectAltName?.slice(0, namesLengthMax) ?? 'nobody';
  const why = allowedHostname === undefined ? 'the host of its peer URL' : 'the allowed hostname';
  return `its certificate names ${names}, and not ${wanted}, ${why}`;
}

/** What strangers send is told in the log, but no more of it than this. */
const namesLengthMax = 200;

export function isNamed(certificate: X509Certificate, host: string): boolean {
  const found = isIP(host)
    ? certificate.checkIP(host)
    : certificate.checkHost(host, { subject: 'never' });
  return found !== undefined;
}

/** Undefined also where there are several: nobody could say which one counts. */
export function commonNameOf(certificate: X509Certificate): string | undefined {
  const { subject } = certificate.toLegacyObject();
  const found: unknown = subject?.CN;
  return typeof found === 'string' ? found : undefined;
}
