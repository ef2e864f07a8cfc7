import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { runScenario } from './scenario.js';

const folder = new URL('./scenarios/', import.meta.url);

for (const file of readdirSync(folder).sort()) {
  test(`scenario ${file.replace('.txt', '')}`, () => {
    const url = new URL(file, folder);
    const script = readFileSync(url, 'utf8');
    const actual = runScenario(script);
    // After a change on purpose: write the traces anew, and read the difference.
    if (process.env['UPDATE_SCENARIOS'] === '1') writeFileSync(url, actual);
    else assert.equal(actual, script);
  });
}
