// Builds the dashboard's page from src/dashboard into dist/dashboard: static files with the hash of
// their content in their names, and beside each one the same compressed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync, constants as zlib } from 'node:zlib';
import { build } from 'vite';
import { filesUnder, root } from './packages.mjs';

const outDir = join(root, 'dist', 'dashboard');

await build({
  configFile: false,
  root: join(root, 'src', 'dashboard'),
  // The page finds everything relative to itself, so that it also works behind a proxy's prefix.
  base: './',
  logLevel: 'warn',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
  build: {
    outDir,
    emptyOutDir: true,
    target: 'es2022',
    // Inlined files would be refused by the page's own Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});

for (const file of filesUnder('dist/dashboard')) {
  const content = readFileSync(join(root, file));
  const quality = { [zlib.BROTLI_PARAM_QUALITY]: zlib.BROTLI_MAX_QUALITY };
  writeFileSync(join(root, `${file}.br`), brotliCompressSync(content, { params: quality }));
  writeFileSync(join(root, `${file}.gz`), gzipSync(content, { level: 9 }));
}
