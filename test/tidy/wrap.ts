import { withoutComments } from './source.js';

/** Columns of code and comments, as biome.json has it; and of Markdown. */
export const codeColumnsMax = 100;
export const docColumnsMax = 120;

/**
 * Wraps the comments of a source file that are wider than `codeColumnsMax`. A paragraph or list
 * item without such a line stays as it is.
 */
export function wrapComments(text: string): string {
  const lines = text.split('\n');
  const blanked = withoutComments(text).split('\n');
  const isComment = (line: string, at: number) => line.trim() !== '' && blanked[at]?.trim() === '';
  const wrapped: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    const end = isComment(line, at) ? endOfComment(lines, at) : at;
    if (end > at) wrapped.push(...wrapComment(lines.slice(at, end)));
    else wrapped.push(line);
    at = Math.max(end, at + 1);
  }
  return wrapped.join('\n');
}

/**
 * One past the last line of the comment that begins at the line; the line itself if it can't be
 * wrapped.
 */
function endOfComment(lines: readonly string[], from: number): number {
  const line = lines[from] ?? '';
  if (/^\s*\/\/ /.test(line)) {
    const other = lines.findIndex(
      (each, at) => at > from && indentOf(each, '//') !== indentOf(line, '//'),
    );
    return other < 0 ? lines.length : other;
  }
  if (!/^\s*\/\*\* ?/.test(line)) return from;
  return lines.findIndex((each, at) => at >= from && each.trimEnd().endsWith('*/')) + 1;
}

/** Undefined unless the line is a comment with this mark. */
function indentOf(line: string, mark: string): string | undefined {
  const indent = /^\s*/.exec(line)?.[0] ?? '';
  return line.startsWith(mark, indent.length) ? indent : undefined;
}

function wrapComment(lines: readonly string[]): readonly string[] {
  if (lines.every((line) => line.length <= codeColumnsMax)) return lines;
  const indent = /^\s*/.exec(lines[0] ?? '')?.[0] ?? '';
  if (lines[0]?.trimStart().startsWith('//') === true) {
    const prose = lines.map((line) => line.slice(indent.length + 3));
    const width = codeColumnsMax - indent.length - 3;
    return wrapProse(prose, width).map((line) => `${indent}// ${line}`.trimEnd());
  }
  const prose = lines
    .map((line) =>
      line
        .trim()
        .replace(/^\/\*\*\s?|^\*(?!\/) ?/, '')
        .replace(/\s*\*\/$/, ''),
    )
    .filter((line, at) => line !== '' || (at > 0 && at < lines.length - 1));
  const body = wrapProse(prose, codeColumnsMax - indent.length - 3);
  return [`${indent}/**`, ...body.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`];
}

/** Wraps the paragraphs and list items of Markdown that are wider than `docColumnsMax`. */
export function wrapMarkdown(text: string): string {
  return wrapProse(text.split('\n'), docColumnsMax).join('\n');
}

const itemStart = /^\s*(?:[-*] |\d+\. |@\w+ )/;
const verbatim = /^\s*(?:\||#|<|```| {4}\S|!\[|\[!\[)|^ {4,}\S/;

function wrapProse(lines: readonly string[], width: number): readonly string[] {
  const wrapped: string[] = [];
  let paragraph: string[] = [];
  let fenced = false;
  const flush = () => {
    const isWide = paragraph.some((line) => line.length > width);
    wrapped.push(...(isWide ? fill(paragraph, width) : paragraph));
    paragraph = [];
  };
  for (const line of lines) {
    const isFence = line.trimStart().startsWith('```');
    if (isFence || fenced || line.trim() === '' || isVerbatim(line, paragraph)) {
      flush();
      wrapped.push(line);
      if (isFence) fenced = !fenced;
      continue;
    }
    if (itemStart.test(line)) flush();
    paragraph.push(line);
  }
  flush();
  return wrapped;
}

/** The continuation of a nested list item is indented like code, and is none. */
function isVerbatim(line: string, paragraph: readonly string[]): boolean {
  return verbatim.test(line) && !(paragraph.length > 0 && /^\s+\S/.test(line));
}

function fill(paragraph: readonly string[], width: number): readonly string[] {
  const [first = ''] = paragraph;
  const head = /^\s*(?:[-*] |\d+\. )?/.exec(first)?.[0] ?? '';
  const isTag = /^\s*@/.test(first);
  const rest = ' '.repeat(isTag ? head.length + 2 : head.length);
  const words = wordsOf(paragraph.join(' ').slice(head.length));
  const lines: string[] = [];
  let line = head;
  let isEmpty = true;
  for (const word of words) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}

/** A code span is not broken. */
function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  for (const word of text.split(/\s+/).filter((each) => each !== '')) {
    const last = words.at(-1);
    if (last !== undefined && isOpen(last)) words[words.length - 1] = `${last} ${word}`;
    else words.push(word);
  }
  return words;
}

function isOpen(word: string): boolean {
  return word.split('`').length % 2 === 0;
}
