import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A text file of the project: the path begins at the root, with slashes. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

export const root = fileURLToPath(new URL('../..', import.meta.url));

const notOurs = new Set(['node_modules', 'dist', 'data', 'coverage', '.git', 'LICENSE']);

/** Every file that belongs to the project. */
export function readProject(): readonly Source[] {
  const paths = readdirSync(root, { withFileTypes: true })
    .filter((entry) => !notOurs.has(entry.name))
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(entry.name) : [entry.name]));
  return paths.sort().map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

export function exists(path: string): boolean {
  return existsSync(join(root, path));
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.png'))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
}

/** The source with its comments blanked: what is left is compiled. */
export function withoutComments(text: string): string {
  return blank(text, new Set(['comment']));
}

/** The source with its comments and the contents of its strings blanked: what is left is run. */
export function codeOf(text: string): string {
  return blank(text, new Set(['comment', 'string']));
}

type Kind = 'comment' | 'string' | 'regex' | 'template' | 'code';

/**
 * The first alternative that fits at a position decides. A slash begins a regular expression only
 * after a character that cannot end a value.
 */
const tokens = [
  { kind: 'comment', pattern: /\/\/[^\n]*|\/\*[\s\S]*?\*\//y },
  { kind: 'string', pattern: /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/y },
  { kind: 'template', pattern: /`/y },
  {
    kind: 'regex',
    pattern:
      /(?<=(?:[(,=:[!&|?{};>]|\breturn)\s*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//y,
  },
  { kind: 'code', pattern: /[^'"`/{}]+|[\s\S]/y },
] as const;

function blank(text: string, blanked: ReadonlySet<string>): string {
  let result = '';
  let position = 0;
  // For each template that is open: how many braces are open in its current placeholder.
  const templates: number[] = [];
  const keep = (kind: Kind, part: string) => {
    result += blanked.has(kind) ? part.replaceAll(/[^\n]/g, ' ') : part;
    position += part.length;
  };
  const keepTemplateText = () => {
    const literal = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y;
    literal.lastIndex = position;
    keep('string', literal.exec(text)?.[0] ?? '');
    const ends = text[position] === '`';
    keep('template', text.slice(position, position + (ends ? 1 : 2)));
    if (!ends) templates.push(0);
  };
  while (position < text.length) {
    const { kind, part } = tokenAt(text, position);
    const open = templates.at(-1);
    if (open !== undefined && part === '{') templates[templates.length - 1] = open + 1;
    if (open !== undefined && part === '}') templates[templates.length - 1] = open - 1;
    keep(kind === 'regex' ? 'string' : kind, part);
    if (kind === 'template') keepTemplateText();
    if (open === 0 && part === '}') {
      templates.pop();
      keepTemplateText();
    }
  }
  return result;
}

function tokenAt(text: string, position: number): { readonly kind: Kind; readonly part: string } {
  for (const { kind, pattern } of tokens) {
    pattern.lastIndex = position;
    const part = pattern.exec(text)?.[0];
    if (part !== undefined && part !== '') return { kind, part };
  }
  return { kind: 'code', part: text.slice(position) };
}
