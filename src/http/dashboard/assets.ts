import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/** A file of the dashboard, as it was when the server started. */
export interface Asset {
  readonly contentType: string;
  readonly etag: string;
  /** Its name has the hash of its content, so the content never changes. */
  readonly immutable: boolean;
  readonly plain: Buffer;
  readonly gzip: Buffer | undefined;
  readonly brotli: Buffer | undefined;
}

/** By name. Without an `index.html` the dashboard was not built. */
export type Assets = ReadonlyMap<string, Asset>;

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Reads every file once. No request reaches the file system, and a path that a client makes up is
 * only a name that is not in the map.
 */
export function readAssets(folder: string): Assets {
  const assets = new Map<string, Asset>();
  for (const name of filesIn(folder)) {
    const contentType = contentTypes[extname(name)];
    if (contentType === undefined) continue;
    const plain = readFileSync(join(folder, name));
    const hash = createHash('sha256').update(plain).digest('base64url').slice(0, 16);
    assets.set(name, {
      contentType,
      etag: `"${hash}"`,
      immutable: name.startsWith('assets/'),
      plain,
      gzip: readIfThere(join(folder, `${name}.gz`)),
      brotli: readIfThere(join(folder, `${name}.br`)),
    });
  }
  return assets;
}

/** With slashes on every system. */
function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
    name.replaceAll('\\', '/'),
  );
}

function readIfThere(file: string): Buffer | undefined {
  return existsSync(file) ? readFileSync(file) : undefined;
}
