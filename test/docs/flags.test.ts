import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Command } from 'commander';
import { root } from '../../scripts/packages.mjs';
import { commandLine } from '../../src/cli/program.js';
import { environmentName, settingKeys } from '../../src/config/settings.js';
import { readProject } from '../tidy/source.js';

const pages = [
  ...['README.md', 'SECURITY.md', 'docs/api.md', 'docs/cli.md', 'docs/client.md'],
  ...['docs/dashboard.md', 'docs/locks.md', 'docs/modules.md', 'docs/operations.md'],
  ...['docs/security.md', 'docs/users.md'],
];

/** Flags of others: commands that begin so, and variables that hand flags to them. */
const ofOthers = /^(?:npm|curl|docker|scripts\/|systemctl|NODE_OPTIONS=)/;

function flagsOf(command: Command): readonly string[] {
  const own = command.options.flatMap(({ long }) => (long ? [long] : []));
  return ['--help', ...own, ...command.commands.flatMap(flagsOf)];
}

const flags = new Set(
  flagsOf(await commandLine(() => Promise.reject(new Error('no server here')))),
);
const program = readProject().filter(({ path }) => path.startsWith('src/'));
const variables = new Set([
  ...settingKeys.map(environmentName),
  ...program.flatMap(({ text }) => text.match(/\bCONCLAVE_[A-Z_]+\b/g) ?? []),
]);

/** What stands in the sentences of a page as code, and names a flag or a variable of nobody. */
function unknownNames(page: string): readonly string[] {
  const sentences = page.replaceAll(/^```[\s\S]*?^```$/gm, '');
  const spans = [...sentences.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  const ours = spans.filter((span) => !ofOthers.test(span));
  const named = ours.flatMap((span) => span.match(/(?<![\w-])--[a-z][a-z0-9-]*/g) ?? []);
  const read = ours.flatMap((span) => span.match(/\bCONCLAVE_[A-Z_]+\b/g) ?? []);
  return [
    ...named.filter((flag) => !flags.has(flag)),
    ...read.filter((variable) => !variables.has(variable)),
  ];
}

for (const path of pages) {
  test(`the flags and variables that ${path} names are there`, () => {
    assert.deepEqual(unknownNames(readFileSync(join(root, path), 'utf8')), []);
  });
}

test('a flag or a variable that is not there would be found', () => {
  const page = 'Take `--bogus-file`, `lock --try`, `CONCLAVE_BOGUS` or `curl --insecure`.';
  assert.deepEqual(unknownNames(page), ['--bogus-file', 'CONCLAVE_BOGUS']);
});
