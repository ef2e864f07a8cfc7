import { ConfigError } from '../config/config-error.js';

/** A lock, an election, a job or a key, as it was given: one that a URL can carry. */
export function nameOf(name: string): string {
  const parts = name.split('/');
  if (name === '' || parts.includes('.') || parts.includes('..')) {
    throw new ConfigError(`"${name}" is no name: it is empty, or a part of it is "." or ".."`);
  }
  return name;
}
