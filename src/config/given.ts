import type { SettingKey } from './settings.js';

/** One value before it is checked. */
export interface Given {
  readonly text: string;
  /** As the user gave it: `--name`, `CONCLAVE_NAME`, `name in conclave.yml`. */
  readonly source: string;
}

/** As it was given, for what is told about it. */
export type SourceOf = (key: SettingKey) => string;

export function sourcesOf(given: ReadonlyMap<SettingKey, Given>): SourceOf {
  return (key) => given.get(key)?.source ?? `--${key}`;
}
