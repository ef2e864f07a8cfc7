import type { PeerTlsFiles, TlsFiles } from '../tls/tls-files.js';
import { ConfigError } from './config-error.js';
import type { SourceOf } from './given.js';
import type { HttpAddress } from './http-address.js';
import { clientSide, ownFiles, peerSide } from './own-certificates.js';
import type { SettingKey, SettingValues } from './settings.js';

/**
 * The files for the URLs of clients that begin with https. Undefined when none does.
 * @throws {ConfigError} when the settings contradict each other.
 */
export function clientTls(values: SettingValues, sourceOf: SourceOf): TlsFiles | undefined {
  const listens = ['listen-client-urls', 'listen-metrics-urls'] as const;
  const [secure] = listens.flatMap((key) => {
    const address = values[key].find(({ isSecure }) => isSecure);
    return address === undefined ? [] : [`${sourceOf(key)} ${address.url}`];
  });
  if (secure === undefined) {
    const keys = ['cert-file', 'key-file', 'trusted-ca-file', 'client-cert-auth'] as const;
    refuseIdle([...keys, 'client-crl-file', 'auto-tls'], '--listen-client-urls', values, sourceOf);
    return undefined;
  }
  const advertised = values['advertise-client-urls'] ?? [];
  const addresses = [...advertised, ...listens.flatMap((key) => values[key])];
  const own = ownFiles(clientSide, addresses, values, sourceOf);
  if (own !== undefined) return own;
  refuseContradiction(values, sourceOf);
  return {
    certFile: needed('cert-file', secure, values),
    keyFile: needed('key-file', secure, values),
    trustedCaFile: values['trusted-ca-file'],
    crlFile: values['client-crl-file'],
    namesUsers: values['client-cert-auth'] === true,
    minVersion: values['tls-min-version'],
    flagPrefix: '',
  };
}

/** The settings say whether clients have to show a certificate. */
function refuseContradiction(values: SettingValues, sourceOf: SourceOf): void {
  const trustedCaFile = values['trusted-ca-file'];
  const [needy] = (['client-cert-auth', 'client-crl-file'] as const).filter((key) => values[key]);
  if (needy !== undefined && trustedCaFile === undefined) {
    throw new ConfigError(
      `${sourceOf(needy)} needs --trusted-ca-file: ` +
        'the authorities whose certificates clients may show',
    );
  }
  if (values['client-cert-auth'] === false && trustedCaFile !== undefined) {
    throw new ConfigError(
      `${sourceOf('client-cert-auth')} is false, but --trusted-ca-file makes clients show a ` +
        'certificate: leave one of the two out',
    );
  }
}

/**
 * The files for TLS between members. Undefined when their URLs begin with http.
 * @throws {ConfigError} when the settings contradict each other.
 */
export function peerTls(values: SettingValues, sourceOf: SourceOf): PeerTlsFiles | undefined {
  const listen = values['listen-peer-urls'];
  refuseOtherSchemes(listen, values, sourceOf);
  if (!listen.isSecure) {
    const keys = [
      ...(['peer-cert-file', 'peer-key-file', 'peer-trusted-ca-file'] as const),
      ...(['peer-client-cert-auth', 'peer-cert-allowed-cn'] as const),
      ...(['peer-cert-allowed-hostname', 'peer-crl-file', 'peer-auto-tls'] as const),
    ];
    refuseIdle(keys, '--listen-peer-urls', values, sourceOf);
    return undefined;
  }
  const own = ownFiles(peerSide, ownPeerAddresses(values), values, sourceOf);
  if (own !== undefined) return { ...own, names: 'anybody' };
  const [cn, hostname] = ['peer-cert-allowed-cn', 'peer-cert-allowed-hostname'] as const;
  if (values[cn] !== undefined && values[hostname] !== undefined) {
    throw new ConfigError(`${sourceOf(cn)} and ${sourceOf(hostname)}: give one of the two`);
  }
  if (values['peer-client-cert-auth'] === false) {
    throw new ConfigError(
      `${sourceOf('peer-client-cert-auth')} must be true: ` +
        'each of two members shows the other its certificate',
    );
  }
  const secure = `${sourceOf('listen-peer-urls')} ${listen.url}`;
  return {
    certFile: needed('peer-cert-file', secure, values),
    keyFile: needed('peer-key-file', secure, values),
    trustedCaFile: needed('peer-trusted-ca-file', secure, values),
    crlFile: values['peer-crl-file'],
    minVersion: values['tls-min-version'],
    flagPrefix: 'peer-',
    names: { allowedCommonName: values[cn], allowedHostname: values[hostname] },
  };
}

function ownPeerAddresses(values: SettingValues): readonly HttpAddress[] {
  const named = (values['initial-cluster'] ?? []).filter(({ name }) => name === values.name);
  const told = [...named.map(({ address }) => address), values['initial-advertise-peer-urls']];
  return [...told.filter((address) => address !== undefined), values['listen-peer-urls']];
}

/** A member that spoke TLS with some of its peers only would be as open as without it. */
function refuseOtherSchemes(listen: HttpAddress, values: SettingValues, sourceOf: SourceOf): void {
  const members = (values['initial-cluster'] ?? []).map(({ address }) => address);
  const advertised = values['initial-advertise-peer-urls'];
  for (const [key, addresses] of [
    ['initial-cluster', members],
    ['initial-advertise-peer-urls', advertised === undefined ? [] : [advertised]],
  ] as const) {
    const other = addresses.find(({ isSecure }) => isSecure !== listen.isSecure);
    if (other === undefined) continue;
    throw new ConfigError(
      `${sourceOf(key)} has ${other.url}, but --listen-peer-urls has ${listen.url}: ` +
        'all members speak TLS with each other, or none does',
    );
  }
}

function refuseIdle(
  keys: readonly SettingKey[],
  urls: string,
  values: SettingValues,
  sourceOf: SourceOf,
): void {
  const idle = keys.find((key) => values[key] !== undefined && values[key] !== false);
  if (idle === undefined) return;
  throw new ConfigError(`${sourceOf(idle)} has no use: no URL of ${urls} begins with https://`);
}

type FileKey =
  | 'cert-file'
  | 'key-file'
  | 'peer-cert-file'
  | 'peer-key-file'
  | 'peer-trusted-ca-file';

function needed(key: FileKey, secure: string, values: SettingValues): string {
  const path = values[key];
  if (path !== undefined) return path;
  throw new ConfigError(`${secure} needs --${key}`);
}
