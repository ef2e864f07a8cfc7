import type { Rule } from './rules.js';
import { codeOf, withoutComments } from './source.js';
import { codeColumnsMax, wrapComments, wrapMarkdown } from './wrap.js';

/** A string that is wide by itself may stay so: the formatter breaks none. */
export const narrow: Rule = ({ path, text }) => {
  if (path.endsWith('.md')) return changedLines(path, text, wrapMarkdown(text));
  if (!/\.(?:tsx?|mjs)$/.test(path)) return [];
  const lines = text.split('\n');
  const uncommented = withoutComments(text).split('\n');
  const code = codeOf(text).split('\n');
  const wide = lines.flatMap((line, at) => {
    const inStrings = countOfBlanks(code[at]) - countOfBlanks(uncommented[at]);
    const isCode = uncommented[at]?.trim() !== '';
    return isCode && line.length - inStrings > codeColumnsMax
      ? [`${path}:${at + 1} is too wide`]
      : [];
  });
  return [...wide, ...changedLines(path, text, wrapComments(text))];
};

function countOfBlanks(line = ''): number {
  return line.split(' ').length - 1;
}

/** The first line that `npm run format` would change. */
function changedLines(path: string, text: string, wrapped: string): readonly string[] {
  if (text === wrapped) return [];
  const lines = wrapped.split('\n');
  const at = text.split('\n').findIndex((line, index) => line !== lines[index]);
  return [`${path}:${at + 1} is too wide: run "npm run format"`];
}
