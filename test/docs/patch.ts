import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What a unified diff does to one file. */
export interface FilePatch {
  readonly path: string;
  readonly isNew: boolean;
  readonly hunks: readonly Hunk[];
}

interface Hunk {
  readonly before: string;
  readonly after: string;
}

/** The diffs in a Markdown text, each in a block of its own. */
export function diffsIn(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^```diff\n([\s\S]*?)^```$/gm)].map(([, diff = '']) => diff);
}

export function parseDiff(diff: string): readonly FilePatch[] {
  const files = diff.split(/^(?=--- )/m).filter((file) => file.startsWith('--- '));
  return files.map((file) => {
    const [, from = '', path = ''] = /^--- (.*)\n\+\+\+ b\/(.*)\n/.exec(file) ?? [];
    const [, ...hunks] = file.split(/^@@.*\n/m);
    return { path, isNew: from === '/dev/null', hunks: hunks.map(parseHunk) };
  });
}

function parseHunk(hunk: string): Hunk {
  const lines = hunk.split('\n').slice(0, -1);
  const side = (dropped: string) =>
    lines.filter((line) => !line.startsWith(dropped)).map((line) => `${line.slice(1)}\n`);
  return { before: side('+').join(''), after: side('-').join('') };
}

/** @throws {Error} unless the lines that a hunk names stand once in the file. */
export function applyPatch(root: string, { path, isNew, hunks }: FilePatch): void {
  const file = join(root, path);
  if (isNew) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, hunks.map(({ after }) => after).join(''), { flag: 'wx' });
    return;
  }
  let text = readFileSync(file, 'utf8');
  for (const { before, after } of hunks) {
    const found = text.split(before).length - 1;
    if (found !== 1) throw new Error(`${path} has these lines ${found} times:\n${before}`);
    text = text.replace(before, () => after);
  }
  writeFileSync(file, text);
}
