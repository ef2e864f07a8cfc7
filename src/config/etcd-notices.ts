import { ConfigError } from './config-error.js';
import { etcdFlags, type ValueKind } from './etcd-flags.js';
import type { Given } from './given.js';
import { switched } from './setting-values.js';

/**
 * A line for each flag of etcd that has no effect.
 * @throws {ConfigError} for the first that asks for what is missing here.
 */
export function etcdNotices(given: ReadonlyMap<string, Given>): readonly string[] {
  return [...given].map(([name, { text, source }]) => {
    const flag = etcdFlags.get(name);
    if (flag === undefined) throw new ConfigError(`${source} is no flag of etcd`);
    const value = normalized(text, flag.value, source);
    if (flag.type === 'refused' && value !== flag.harmless) {
      const right = flag.harmless === '' ? 'left out' : flag.harmless;
      throw new ConfigError(`${source} must be ${right}: ${flag.reason}`);
    }
    return `${source} has no effect: ${flag.reason}`;
  });
}

function normalized(text: string, kind: ValueKind, source: string): string {
  if (kind === 'text') return text;
  const { data } = switched.safeParse(text);
  if (data !== undefined) return String(data);
  throw new ConfigError(`${source} must be true or false, not "${text}"`);
}
