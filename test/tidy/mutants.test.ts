import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mutants } from '../../scripts/mutants/all.mjs';
import { root } from '../../scripts/packages.mjs';

test('each mutant has a name of its own, and breaks a text that stands once in its file', () => {
  const names = mutants.map(({ name }) => name);
  assert.deepEqual(names.length, new Set(names).size);
  const wrong = mutants.filter(({ file, find }) => {
    return readFileSync(join(root, file), 'utf8').split(find).length !== 2;
  });
  assert.deepEqual(
    wrong.map(({ name, file }) => `${name} in ${file}`),
    [],
  );
});

test('each mutant names tests that are there', () => {
  const missing = mutants.flatMap(({ tests }) =>
    tests.filter((path) => !existsSync(join(root, path))),
  );
  assert.deepEqual(missing, []);
});
