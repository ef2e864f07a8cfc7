import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

const imports = /^(?:import|export) (?:[^'"`;]*from )?'(\S+)';$/gm;

/** The packages that a file of dist/ loads, with all that it imports, before it does anything. */
function packagesOf(entry: string): ReadonlySet<string> {
  const found = new Set<string>();
  const files = [join(dist, entry)];
  for (const file of files) {
    for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(imports)) {
      const path = join(dirname(file), from);
      if (!from.startsWith('.')) found.add(from);
      else if (existsSync(path) && !files.includes(path)) files.push(path);
    }
  }
  assert.ok(files.length > 1);
  return new Set([...found].filter((name) => !name.startsWith('node:')));
}

test('a command that is no server does not load what checks settings or writes logs', () => {
  assert.deepEqual([...packagesOf('cli/program.js')], ['commander']);
  const server = packagesOf('cli/server-command.js');
  for (const name of ['zod', 'yaml', 'pino']) assert.ok(server.has(name), name);
});

test('help ends quietly with its reader', () => {
  const script = 'set -o pipefail; "$0" "$1" server --help | true';
  const bash = ['-c', script, process.execPath, join(dist, 'main.js')];
  assert.equal(execFileSync('bash', bash, { encoding: 'utf8', stdio: 'pipe' }), '');
});
