import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesUnder, root } from '../../scripts/packages.mjs';

test('docs/operations.md lists messages as they are logged, at their levels', () => {
  const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');
  const [, section = ''] = page.split('\n## The log\n');
  const [table = ''] = section.split('\n## ');
  const rows = [...table.matchAll(/^\| (?<messages>`.*`) \| (?<level>\w+) \|/gm)];
  assert.ok(rows.length > 15);
  const sources = filesUnder('src')
    .map((path) => readFileSync(join(root, path), 'utf8').replaceAll(/\s+/g, ' '))
    .join('\n');
  for (const { groups } of rows) {
    for (const [, message = ''] of (groups?.['messages'] ?? '').matchAll(/`(.*?)…?`/g)) {
      assert.ok(sources.includes(`'${message}'`) || sources.includes(`\`${message}\${`), message);
      assert.ok(['info', 'warn', 'error'].includes(groups?.['level'] ?? ''), message);
    }
  }
});
