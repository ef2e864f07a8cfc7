import { parseDocument } from 'yaml';
import { ConfigError } from './config-error.js';
import { environmentName, type SettingKey, settingKeys } from './settings.js';
import { suggestion } from './suggestion.js';

export interface ConfigSources {
  /** By key, without the leading dashes; includes `config-file`. */
  readonly flags: ReadonlyMap<string, string>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => string;
}

/** One value before it is checked. */
export interface Given {
  readonly text: string;
  /** As the user gave it: `--name`, `CONCLAVE_NAME`, `name in conclave.yml`. */
  readonly source: string;
}

/** A flag wins over the environment, and the environment over the file. */
export function gather(sources: ConfigSources): ReadonlyMap<SettingKey, Given> {
  const path = direct('config-file', sources)?.text;
  const file = path === undefined ? new Map<string, string>() : readConfigFile(path, sources);
  const given = new Map<SettingKey, Given>();
  for (const key of settingKeys) {
    const inFile = file.get(key);
    const value =
      direct(key, sources) ??
      (inFile === undefined ? undefined : { text: inFile, source: `${key} in ${path}` });
    if (value !== undefined) given.set(key, value);
  }
  return given;
}

/** These are only warnings: container platforms set variables named after the service. */
export function unknownVariables(environment: ConfigSources['environment']): readonly string[] {
  const known = [...settingKeys, 'config-file' as const].map(environmentName);
  return Object.keys(environment)
    .filter((variable) => variable.startsWith('CONCLAVE_') && !known.includes(variable))
    .map((variable) => `${variable} is not a setting${suggestion(variable, known)}: ignored`);
}

function direct(key: SettingKey | 'config-file', sources: ConfigSources): Given | undefined {
  const flag = sources.flags.get(key);
  if (flag !== undefined) return { text: flag, source: `--${key}` };
  const variable = environmentName(key);
  const text = sources.environment[variable];
  // An empty variable counts as unset, as for most programs.
  return text === undefined || text === '' ? undefined : { text, source: variable };
}

function readConfigFile(path: string, sources: ConfigSources): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [key, value] of Object.entries(parseYaml(path, sources))) {
    if (!settingKeys.some((known) => known === key)) {
      throw new ConfigError(`${path}: unknown key "${key}"${suggestion(key, settingKeys)}`);
    }
    values.set(key, asText(value, `${key} in ${path}`));
  }
  return values;
}

function parseYaml(path: string, { readFile }: ConfigSources): object {
  const document = parseDocument(readText(path, readFile));
  const [error] = document.errors;
  if (error !== undefined) throw new ConfigError(`${path}: ${firstLine(error.message)}`);
  const content: unknown = document.toJS() ?? {};
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ConfigError(`${path}: must consist of "key: value" lines`);
  }
  return content;
}

function readText(path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path);
  } catch (error) {
    const reason = error instanceof Error ? firstLine(error.message) : String(error);
    throw new ConfigError(`cannot read the configuration file: ${reason}`, { cause: error });
  }
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

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
