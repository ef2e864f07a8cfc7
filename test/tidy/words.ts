import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { codeOf, type Source } from './source.js';

/** A list of words that need no explanation, for a reason that its first line gives. */
export interface WordList {
  readonly name: string;
  readonly reason: string;
  readonly words: readonly string[];
}

/** A row of the glossary. */
export interface Term {
  readonly text: string;
  readonly meaning: string;
}

const folder = fileURLToPath(new URL('words/', import.meta.url));

export function readWordLists(): readonly WordList[] {
  return readdirSync(folder).map((file) => {
    const [reason = '', ...words] = readFileSync(`${folder}${file}`, 'utf8').trim().split('\n');
    return { name: file, reason, words };
  });
}

/** The rows of the table under "Glossary": a term and its meaning each. */
export function readGlossary(page: string): readonly Term[] {
  const section = /^## Glossary\n([\s\S]*?)^## /m.exec(page)?.[1] ?? '';
  const rows = [...section.matchAll(/^\| ([^|*]+) \| ([^|]+) \|$/gm)];
  return rows
    .map(([, text = '', meaning = '']) => ({ text, meaning }))
    .filter(({ text }) => text !== 'word' && text !== '---');
}

/** The names of the file and its folders, and of what it exports. */
export function publicNamesOf({ path, text }: Source): readonly string[] {
  const files = path
    .replace(/^src\//, '')
    .replace(/\.tsx?$/, '')
    .split('/');
  const pattern =
    /^export (?:abstract |async )?(?:class|function\*?|const|let|interface|type) (\w+)/gm;
  const exported = [...codeOf(text).matchAll(pattern)].map(([, name = '']) => name);
  return [...files, ...exported];
}

/** Every identifier of the code. */
export function identifiersOf({ text }: Source): readonly string[] {
  return codeOf(text).match(/[A-Za-z_$][\w$]*/g) ?? [];
}

/**
 * `HTTPServer`, `http-server` and `httpServer` have the words http and server. Plurals count as
 * singular.
 */
export function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z]+/)
    .filter((word) => word.length > 1)
    .map((word) => singular(word.toLowerCase()));
}

const endsInS = new Set([
  'alias',
  'as',
  'cors',
  'diagnosis',
  'has',
  'is',
  'series',
  'this',
  'tls',
  'was',
  'ms',
  'previous',
]);

function singular(word: string): string {
  if (endsInS.has(word) || /(?:ss|us)$/.test(word)) return word;
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  return /(?:sses|xes|ches|shes)$/.test(word) ? word.slice(0, -2) : word.replace(/s$/, '');
}
