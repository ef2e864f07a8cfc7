/** The message is one line: the setting, its source, and what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
