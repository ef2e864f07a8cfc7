import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { cliPagePath, helpTexts, withHelp } from './cli-page.js';

const page = readFileSync(cliPagePath, 'utf8');
const texts = helpTexts();

test('docs/cli.md shows what --help prints (npm run format puts it there)', () => {
  assert.equal(page, withHelp(page, texts));
});

test('docs/cli.md shows the help of every command, and of no other', () => {
  const shown = [...page.matchAll(/^\$ (conclave.*) --help$/gm)].map(([, command = '']) => command);
  const commands = [...texts.keys()].filter((command) => command !== 'conclave');
  assert.deepEqual(shown.toSorted(), commands.toSorted());
});
