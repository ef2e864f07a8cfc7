// Wraps the comments and the Markdown of the project that are too wide, and puts into the docs what
// is made from the sources: what --help prints, and the tables of parameters. The end of
// `npm run format`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliPagePath, helpTexts, withHelp } from '../docs/cli-page.js';
import { tablesOf, withTables } from '../docs/parameter-page.js';
import { readProject, root } from './source.js';
import { wrapComments, wrapMarkdown } from './wrap.js';

for (const { path, text } of readProject()) {
  if (!/\.(?:md|tsx?|mjs)$/.test(path)) continue;
  const wrapped = path.endsWith('.md') ? wrapMarkdown(text) : wrapComments(text);
  if (wrapped === text) continue;
  writeFileSync(join(root, path), wrapped);
  console.log(`Wrapped ${path}`);
}

refresh(cliPagePath, (page) => withHelp(page, helpTexts()));
for (const [path, tables] of tablesOf) refresh(path, (page) => withTables(page, tables));

function refresh(path: string, change: (page: string) => string): void {
  const page = readFileSync(path, 'utf8');
  const fresh = change(page);
  if (fresh === page) return;
  writeFileSync(path, fresh);
  console.log(`Refreshed ${path.slice(root.length)}`);
}
