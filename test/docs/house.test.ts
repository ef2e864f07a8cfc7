import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/packages.mjs';

const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

for (const [page, prefix] of [
  ['README.md', 'src/'],
  ['docs/architecture.md', ''],
] as const) {
  test(`${page} has each folder of src/ once in its table`, () => {
    const text = readFileSync(join(root, page), 'utf8');
    const rows = text.split('\n').filter((line) => line.startsWith(`| \`${prefix}`));
    const named = rows.flatMap((row) =>
      [...(row.split('|')[1] ?? '').matchAll(/`([\w/]+)\/`/g)].map(([, name = '']) => name),
    );
    const expected = folders.map((name) => `${prefix}${name}`);
    assert.deepEqual(named.toSorted(), expected.toSorted());
  });
}
