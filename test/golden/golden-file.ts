import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A record in the format of its release: its bytes, and what they say. Never changed once it is
 * there.
 */
export interface GoldenFile {
  readonly kind: string;
  readonly name: string;
  readonly bytes: Buffer;
  readonly value: unknown;
}

const folder = import.meta.dirname;

export function goldenFiles(): readonly GoldenFile[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: kind }) =>
      readdirSync(join(folder, kind)).map((file) => read(kind, file.replace(/\.json$/, ''))),
    );
}

function read(kind: string, name: string): GoldenFile {
  const text = readFileSync(join(folder, kind, `${name}.json`), 'utf8');
  const { hex, value } = JSON.parse(text, revive);
  return { kind, name, bytes: Buffer.from(hex.join(''), 'hex'), value };
}

/** Bytes stand in a file as `{"bytes": "61ff"}`. */
function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('bytes' in value)) return value;
  return typeof value.bytes === 'string' ? Buffer.from(value.bytes, 'hex') : value;
}

/** As a file has it: without what is undefined, and with bytes as digits. */
export function asText(value: unknown): string {
  return JSON.stringify(plain(value), undefined, 2);
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, field]) => [name, plain(field)]));
}
