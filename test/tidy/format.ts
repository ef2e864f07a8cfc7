// Wraps the comments and the Markdown of the project that are too wide, and puts into docs/cli.md
// what --help prints: the end of `npm run format`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliPagePath, helpTexts, withHelp } from '../docs/cli-page.js';
import { readProject, root } from './source.js';
import { wrapComments, wrapMarkdown } from './wrap.js';

for (const { path, text } of readProject()) {
  if (!/\.(?:md|tsx?|mjs)$/.test(path)) continue;
  const wrapped = path.endsWith('.md') ? wrapMarkdown(text) : wrapComments(text);
  if (wrapped === text) continue;
  writeFileSync(join(root, path), wrapped);
  console.log(`Wrapped ${path}`);
}

const page = readFileSync(cliPagePath, 'utf8');
const fresh = withHelp(page, helpTexts());
if (fresh !== page) {
  writeFileSync(cliPagePath, fresh);
  console.log('Refreshed the help in docs/cli.md');
}
