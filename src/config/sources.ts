import { suggestion } from '../suggestion.js';
import { commandVariables } from './command-variables.js';
import { ConfigError } from './config-error.js';
import { readConfigFile } from './config-file.js';
import { etcdFlags } from './etcd-flags.js';
import type { Given } from './given.js';
import { environmentName, isSwitched, type SettingKey, settingKeys } from './settings.js';
import { withoutBlocks } from './transport-security.js';

export interface ConfigSources {
  /** By key, without the leading dashes; includes `config-file` and the flags of etcd. */
  readonly flags: ReadonlyMap<string, string>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Throws what Node's `readFileSync` throws. */
  readonly readFile: (path: string) => string;
}

/** Everything that was given, before any of it is checked. */
export interface Gathered {
  readonly settings: ReadonlyMap<SettingKey, Given>;
  readonly etcdFlags: ReadonlyMap<string, Given>;
}

/** A flag wins over the environment, and the environment over the file. */
export function gather(sources: ConfigSources): Gathered {
  const file = gatherFile(sources);
  const given = new Map<SettingKey, Given>();
  for (const key of settingKeys) {
    const value = direct(key, sources) ?? file.get(key);
    if (value !== undefined) given.set(key, value);
  }
  const ofEtcd = new Map<string, Given>();
  for (const name of etcdFlags.keys()) {
    const value = fromFlag(name, sources) ?? file.get(name);
    if (value !== undefined) ofEtcd.set(name, value);
  }
  return { settings: given, etcdFlags: ofEtcd };
}

/** These are only warnings: container platforms set variables named after the service. */
export function unknownVariables(environment: ConfigSources['environment']): readonly string[] {
  const known = [...settingKeys, 'config-file' as const].map(environmentName);
  const expected: readonly string[] = [...known, ...Object.values(commandVariables)];
  return Object.keys(environment)
    .filter((variable) => variable.startsWith('CONCLAVE_') && !expected.includes(variable))
    .map((variable) => `${variable} is not a setting${suggestion(variable, known)}: ignored`);
}

function direct(key: SettingKey | 'config-file', sources: ConfigSources): Given | undefined {
  const flag = fromFlag(key, sources);
  if (flag !== undefined) return flag;
  const variable = environmentName(key);
  const text = sources.environment[variable];
  // An empty variable counts as unset, as for most programs.
  return text === undefined || text === '' ? undefined : { text, source: variable };
}

function fromFlag(key: string, { flags }: ConfigSources): Given | undefined {
  const text = flags.get(key);
  return text === undefined ? undefined : { text, source: `--${key}` };
}

function gatherFile(sources: ConfigSources): ReadonlyMap<string, Given> {
  const file = direct('config-file', sources);
  const values = new Map<string, Given>();
  if (file === undefined) return values;
  const content = readConfigFile(file, sources.readFile);
  for (const [key, value, source] of withoutBlocks(content, file.text)) {
    const isSwitch = settingKeys.some((known) => known === key && isSwitched(known));
    if (etcdFlags.has(key) || isSwitch) {
      values.set(key, { text: asTextOfEtcd(value, source), source });
    } else if (settingKeys.some((known) => known === key)) {
      values.set(key, { text: asText(value, source), source });
    } else {
      throw new ConfigError(`${file.text}: unknown key "${key}"${suggestion(key, settingKeys)}`);
    }
  }
  return values;
}

/** In the file of etcd a boolean has no quotation marks. */
function asTextOfEtcd(value: unknown, source: string): string {
  return typeof value === 'boolean' ? String(value) : asText(value, source);
}

/** A list becomes its parts separated by commas, a mapping KEY=VALUE parts. */
function asText(value: unknown, source: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map((part) => asText(part, source)).join(',');
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([key, part]) => `${key}=${asText(part, source)}`);
    return pairs.join(',');
  }
  throw new ConfigError(`${source} has no value that could be used: ${JSON.stringify(value)}`);
}
