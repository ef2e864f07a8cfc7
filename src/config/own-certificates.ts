import { join } from 'node:path';
import type { TlsFiles } from '../tls/tls-files.js';
import { ConfigError } from './config-error.js';
import type { SourceOf } from './given.js';
import { type HttpAddress, isWildcard } from './http-address.js';
import { dataDirectoryOf, type SettingKey, type SettingValues } from './settings.js';

/** A side of the member, towards clients or peers, whose certificate the member can make itself. */
interface Side {
  readonly key: 'auto-tls' | 'peer-auto-tls';
  readonly files: readonly SettingKey[];
  /** What would have clients or peers verified. */
  readonly verifying: readonly SettingKey[];
  readonly reason: string;
  readonly folder: string;
  readonly flagPrefix: TlsFiles['flagPrefix'];
}

export const clientSide: Side = {
  key: 'auto-tls',
  files: ['cert-file', 'key-file'],
  verifying: ['trusted-ca-file', 'client-cert-auth', 'client-crl-file'],
  reason: 'clients are not asked for certificates',
  folder: 'client',
  flagPrefix: '',
};

export const peerSide: Side = {
  key: 'peer-auto-tls',
  files: ['peer-cert-file', 'peer-key-file'],
  verifying: [
    ...(['peer-trusted-ca-file', 'peer-client-cert-auth'] as const),
    ...(['peer-cert-allowed-cn', 'peer-cert-allowed-hostname', 'peer-crl-file'] as const),
  ],
  reason: 'peers are not verified',
  folder: 'peer',
  flagPrefix: 'peer-',
};

/** Whoever knows a member only by one of these has to find it in the certificate, too. */
const localHosts = ['localhost', '127.0.0.1', '::1'];

/** As in etcd, a certificate that is given counts, and none is made. */
function isGiven({ files }: Side, values: SettingValues): boolean {
  return files.some((key) => values[key] !== undefined);
}

/**
 * The files that the member makes itself, where it is told to, with a certificate for these
 * addresses. Undefined: an operator gives them.
 * @throws {ConfigError} for settings that would have no effect, although they promise safety.
 */
export function ownFiles(
  side: Side,
  addresses: readonly HttpAddress[],
  values: SettingValues,
  sourceOf: SourceOf,
): TlsFiles | undefined {
  if (values[side.key] !== true || isGiven(side, values)) return undefined;
  const idle = side.verifying.find((key) => values[key] !== undefined && values[key] !== false);
  if (idle !== undefined) {
    throw new ConfigError(
      `${sourceOf(idle)} has no use beside ${sourceOf(side.key)}: ${side.reason}`,
    );
  }
  const folder = join(dataDirectoryOf(values), 'fixtures', side.folder);
  return {
    certFile: join(folder, 'cert.pem'),
    keyFile: join(folder, 'key.pem'),
    trustedCaFile: undefined,
    minVersion: values['tls-min-version'],
    flagPrefix: side.flagPrefix,
    madeFor: hostsOf(addresses),
  };
}

function hostsOf(addresses: readonly HttpAddress[]): readonly string[] {
  const reachable = addresses.filter((address) => !isWildcard(address));
  return [...new Set([...reachable.map(({ hostname }) => hostname), ...localHosts])];
}

export function ownCertificateNotices(values: SettingValues, sourceOf: SourceOf): string[] {
  const idle = [clientSide, peerSide]
    .filter((side) => values[side.key] === true && isGiven(side, values))
    .map(({ key }) => `${sourceOf(key)} has no effect: a certificate is given`);
  if (values['peer-auto-tls'] !== true || isGiven(peerSide, values)) return idle;
  const open = 'peers are not verified, and whoever reaches the peer port can be a member';
  return [...idle, `${sourceOf('peer-auto-tls')}: ${open}`];
}
