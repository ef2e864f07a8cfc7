import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { tablesOf, withTables } from './parameter-page.js';

for (const [path, tables] of tablesOf) {
  test(`docs/${basename(path)} has the parameters of /openapi.json (npm run format puts them there)`, () => {
    const page = readFileSync(path, 'utf8');
    assert.equal(page, withTables(page, tables));
  });
}
