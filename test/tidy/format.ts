// Wraps the comments and the Markdown of the project that are too wide: the end of
// `npm run format`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readProject, root } from './source.js';
import { wrapComments, wrapMarkdown } from './wrap.js';

for (const { path, text } of readProject()) {
  if (!/\.(?:md|tsx?|mjs)$/.test(path)) continue;
  const wrapped = path.endsWith('.md') ? wrapMarkdown(text) : wrapComments(text);
  if (wrapped === text) continue;
  writeFileSync(join(root, path), wrapped);
  console.log(`Wrapped ${path}`);
}
