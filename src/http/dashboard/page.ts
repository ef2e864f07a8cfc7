import type { IncomingHttpHeaders } from 'node:http';
import { notFound, type ResponseHeaders, textType } from '../server/api-response.js';
import type { Asset, Assets } from './assets.js';

export interface PageResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: Buffer | string;
}

export const dashboardPath = '/mod/dashboard/';

/**
 * The page loads from and connects to this member only, runs no other script, is framed by nobody,
 * and sends no referrer.
 */
const guards: ResponseHeaders = {
  'Content-Security-Policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** `path` begins with `dashboardPath`. */
export function servePage(
  assets: Assets,
  path: string,
  headers: IncomingHttpHeaders,
): PageResponse {
  const name = path.slice(dashboardPath.length) || 'index.html';
  const asset = assets.get(name);
  if (asset !== undefined) return assetResponse(asset, headers);
  if (name === 'index.html') return notBuilt;
  return { ...notFound, headers: { ...notFound.headers, ...guards } };
}

function assetResponse(asset: Asset, headers: IncomingHttpHeaders): PageResponse {
  const shared = {
    ...guards,
    ETag: asset.etag,
    Vary: 'Accept-Encoding',
    'Cache-Control': asset.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
  if (headers['if-none-match'] === asset.etag) return { status: 304, headers: shared, body: '' };
  const { encoding, body } = encoded(asset, String(headers['accept-encoding'] ?? ''));
  return {
    status: 200,
    headers: {
      ...shared,
      'Content-Type': asset.contentType,
      'Content-Length': body.length,
      ...(encoding === undefined ? {} : { 'Content-Encoding': encoding }),
    },
    body,
  };
}

interface Encoded {
  readonly encoding: string | undefined;
  readonly body: Buffer;
}

function encoded(asset: Asset, accepted: string): Encoded {
  if (asset.brotli !== undefined && accepts(accepted, 'br')) {
    return { encoding: 'br', body: asset.brotli };
  }
  if (asset.gzip !== undefined && accepts(accepted, 'gzip')) {
    return { encoding: 'gzip', body: asset.gzip };
  }
  return { encoding: undefined, body: asset.plain };
}

/** A quality of zero excludes the encoding. */
function accepts(accepted: string, encoding: string): boolean {
  return accepted.split(',').some((part) => {
    const [name, ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    return name === encoding && !parameters.some((text) => /^q=0(?:\.0*)?$/.test(text));
  });
}

const notBuilt: PageResponse = {
  status: 503,
  headers: { ...guards, 'Content-Type': textType, 'Cache-Control': 'no-store' },
  body: 'The dashboard has not been built: run "npm run build" in the folder of Conclave, then start this member again.\nEverything else works without it.\n',
};
