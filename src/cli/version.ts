import { readFileSync } from 'node:fs';

/** Of this package, the same from src/ as from dist/. */
export const version: string = readVersion();

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const content: unknown = JSON.parse(text);
  if (typeof content !== 'object' || content === null || !('version' in content)) return 'unknown';
  return String(content.version);
}
