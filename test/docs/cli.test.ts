import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/packages.mjs';
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

test('README.md has every command once in its table, and no other', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, table = ''] = /^\| command \| \|\n((?:\|.*\n)+)/m.exec(readme) ?? [];
  const named = table.split('\n').flatMap((row) => {
    const [, first = ''] = row.split('|');
    const spans = [...first.matchAll(/`(?:conclave )?([a-z]+)\b[^`]*`/g)];
    return spans.map(([, command = '']) => `conclave ${command}`);
  });
  const commands = [...texts.keys()].filter((command) => command.split(' ').length === 2);
  assert.deepEqual(named.toSorted(), commands.toSorted());
});
