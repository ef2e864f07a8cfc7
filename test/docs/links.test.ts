import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readProject, root } from '../tidy/source.js';

const pages = readProject().filter(({ path }) => path.endsWith('.md'));
const textOf = new Map(pages.map(({ path, text }) => [path, text]));

for (const { path, text } of pages) {
  test(`the links of ${path} lead somewhere`, () => {
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    assert.deepEqual(
      targets.filter((target) => !isThere(path, target)),
      [],
    );
  });
}

test('a link that leads nowhere would be found', () => {
  assert.ok(isThere('README.md', 'docs/api.md'));
  assert.ok(isThere('docs/api.md', '../README.md#locks'));
  assert.ok(!isThere('README.md', 'docs/nothing.md'));
  assert.ok(!isThere('README.md', '#nothing'));
  assert.ok(!isThere('docs/api.md', '../README.md#nothing'));
});

/** A link within the project; others are not followed. */
function isThere(from: string, target: string): boolean {
  if (/^https?:/.test(target)) return true;
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? from : join(dirname(from), file);
  if (anchor === undefined) return existsSync(join(root, path));
  return headingsOf(textOf.get(path) ?? '').includes(anchor);
}

/** As GitHub makes anchors of headings. */
function headingsOf(text: string): readonly string[] {
  const withoutCode = text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...withoutCode.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
