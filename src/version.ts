import { readFileSync } from 'node:fs';

const packageUrl = new URL('../package.json', import.meta.url);

/** This program's version, as its package says. */
export const version: string = readVersion();

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(packageUrl, 'utf8')) as { version: string };
  return version;
}
