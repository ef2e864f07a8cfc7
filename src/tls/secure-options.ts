import type { SecureContextOptions } from 'node:tls';
import { listsIn } from './revocation-lists.js';
import type { TlsVersion } from './tls-files.js';

/**
 * With forward secrecy and authenticated encryption only. The first is the one that costs least on
 * processors with instructions for AES, and the server's order counts.
 */
const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** What one face shows and trusts, each as PEM. */
export interface PemContents {
  /** The certificate, and those between it and its authority. */
  readonly cert: string;
  readonly key: string;
  /** The authorities that are trusted. */
  readonly ca: string | undefined;
  /** What they have revoked. */
  readonly crl: string | undefined;
}

/** The one place where TLS is set up: for clients and for peers, for serving and for dialling. */
export function secureOptions(
  { cert, key, ca, crl }: PemContents,
  minVersion: TlsVersion,
): SecureContextOptions {
  return {
    cert,
    key,
    ...(ca === undefined ? {} : { ca }),
    ...(crl === undefined ? {} : { crl: listsIn(crl) }),
    minVersion,
    ciphers,
    honorCipherOrder: true,
  };
}
