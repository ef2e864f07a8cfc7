import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { errorTable } from '../../src/command/errors.js';
import { RealCluster } from '../cluster/real-cluster.js';
import { Console, parseSteps } from '../support/transcript.js';

const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/^```console\n([\s\S]*?)^```$/gm)];

/** A person sees no progress bar, and waits as long as it takes. */
const prelude = 'curl() { command curl -sS -m 20 "$@"; }';

test('every example of docs/api.md answers as it is shown there, in a fresh cluster', async () => {
  await using real = await RealCluster.start();
  const ports = real.names.map((name) => new URL(real.url(name, '')).port);
  const transcript = new Console((text) =>
    text.replaceAll(/:400([123])/g, (_, digit) => `:${ports[digit - 1]}`),
  );
  const steps = examples.flatMap(([, block = '']) => parseSteps(block));
  assert.ok(steps.length > 60);
  for (const step of steps) await transcript.run(step, prelude);
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

test('docs/api.md names every path that is served', () => {
  const source = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  const cold = source('src/http/cold-routes.ts');
  const hot = source('src/http/hot-routes.ts');
  const paths = [...`${cold}${hot}`.matchAll(/'(\/[a-z0-9/]+)'/g)].map(([, path = '']) => path);
  assert.ok(paths.length >= 15);
  assert.deepEqual(
    paths.filter((path) => !page.includes(path.replace(/\/$/, ''))),
    [],
  );
});
