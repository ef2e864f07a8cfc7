/** The message is one line that names the setting, where it came from, and what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
