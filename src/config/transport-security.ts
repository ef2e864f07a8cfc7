import { ConfigError } from './config-error.js';

/** The keys of etcd's blocks about TLS, as flags. */
const blocks: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'client-transport-security': {
    'cert-file': 'cert-file',
    'key-file': 'key-file',
    'client-cert-auth': 'client-cert-auth',
    'trusted-ca-file': 'trusted-ca-file',
    'auto-tls': 'auto-tls',
  },
  'peer-transport-security': {
    'cert-file': 'peer-cert-file',
    'key-file': 'peer-key-file',
    'client-cert-auth': 'peer-client-cert-auth',
    'trusted-ca-file': 'peer-trusted-ca-file',
    'auto-tls': 'peer-auto-tls',
    'allowed-cn': 'peer-cert-allowed-cn',
    'allowed-hostname': 'peer-cert-allowed-hostname',
  },
};

type Placed = readonly [key: string, value: unknown, source: string];

/**
 * The keys of a configuration file, each with the name of its place. What etcd's file has in a
 * block about TLS is what stands outside of it under the flag's name. A key without a value counts
 * as not given.
 * @throws {ConfigError}
 */
export function withoutBlocks(
  content: ReadonlyMap<string, unknown>,
  path: string,
): readonly Placed[] {
  return [...content].flatMap(([key, value]): readonly Placed[] => {
    const block = blocks[key];
    if (value === null) return [];
    if (block === undefined) return [[key, value, `${key} in ${path}`]];
    if (typeof value !== 'object' || Array.isArray(value)) {
      throw new ConfigError(`${key} in ${path} must consist of "key: value" lines`);
    }
    return Object.entries(value).flatMap(([inner, text]: [string, unknown]): readonly Placed[] => {
      const flag = block[inner];
      const source = `${inner} of ${key} in ${path}`;
      if (flag === undefined) throw new ConfigError(`${source} is not supported`);
      return text === null || text === '' ? [] : [[flag, text, source]];
    });
  });
}
