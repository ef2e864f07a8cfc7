import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { errorTable } from '../../src/command/errors.js';
import { refusalCodes } from '../../src/http/server/refusal.js';
import { patient, RealCluster } from '../cluster/real-cluster.js';
import { Console, parseSteps } from '../support/transcript.js';

const root = new URL('../../', import.meta.url);
const source = (path: string) => readFileSync(new URL(path, root), 'utf8');
const pages = {
  'docs/api.md': source('docs/api.md'),
  'docs/modules.md': source('docs/modules.md'),
};
const page = pages['docs/api.md'];

/** A person sees no progress bar, and waits as long as it takes. */
const prelude = 'curl() { command curl -sS -m 20 "$@"; }';

// Each in a cluster of its own, at once: most of their time is that of examples which wait.
describe('every example answers as it is shown, in a fresh cluster', { concurrency: true }, () => {
  for (const [path, text] of Object.entries(pages)) {
    test(path, async () => {
      await using real = await RealCluster.start(patient);
      const ports = real.names.map((name) => new URL(real.url(name, '')).port);
      const chaos = `'${fileURLToPath(new URL('scripts/chaos', root))}' --data-dir '${real.dataDir}'`;
      const transcript = new Console((line) =>
        line
          .replaceAll(/:400([123])/g, (_, digit) => `:${ports[digit - 1]}`)
          .replace(/^scripts\/chaos/, chaos),
      );
      const examples = [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)];
      const steps = examples.flatMap(([, block = '']) => parseSteps(block));
      assert.ok(steps.length > 50);
      for (const step of steps) await transcript.run(step, prelude);
    });
  }
});

test('docs/api.md lists every error that there is, as it is', () => {
  const rows = [...page.matchAll(/^\| (\d+) \| (\d+) \| ([^|]+) \| [^|]+ \|$/gm)];
  assert.deepEqual(
    rows.map(([, errorCode, status, message]) => ({
      errorCode: Number(errorCode),
      message,
      status: Number(status),
    })),
    Object.values(errorTable),
  );
});

test('docs/api.md lists every status with which HTTP is refused', () => {
  const rows = [...page.matchAll(/^\| (4\d\d) \| (2\d\d) \| [^|]+ \|$/gm)];
  assert.deepEqual(
    Object.fromEntries(rows.map(([, status = '', errorCode]) => [status, Number(errorCode)])),
    refusalCodes,
  );
});

test('every error that a few requests can bring about is shown in an example', () => {
  const shown = new Set(
    Object.values(pages).flatMap((text) =>
      [...text.matchAll(/^\{"errorCode":(\d+),/gm)].map(([, errorCode]) => Number(errorCode)),
    ),
  );
  const { raftInternal, tooManyWaiting, auditFailed, unauthorized, tooManyFailures } = errorTable;
  const { authInvalid, authForbidden, authNotFound, authConflict } = errorTable;
  const hidden: readonly { readonly errorCode: number }[] = [
    ...[raftInternal, tooManyWaiting, auditFailed, unauthorized, tooManyFailures],
    ...[authInvalid, authForbidden, authNotFound, authConflict],
  ];
  assert.deepEqual(
    Object.values(errorTable).filter(
      (error) => !shown.has(error.errorCode) && !hidden.includes(error),
    ),
    [],
  );
  for (const { errorCode } of hidden) assert.ok(!shown.has(errorCode));
});

test('docs/api.md names every path that is served', () => {
  const sources = ['koa-app.ts', 'fast-path.ts', 'dashboard/page.ts'].map((file) =>
    source(`src/http/${file}`),
  );
  const paths = [...sources.join('').matchAll(/'(\/[a-z0-9/]+)'/g)].map(([, path = '']) => path);
  assert.ok(paths.length >= 16 && paths.includes('/mod/dashboard/'));
  assert.deepEqual(
    paths.filter((path) => !page.includes(path.replace(/\/$/, ''))),
    [],
  );
});
