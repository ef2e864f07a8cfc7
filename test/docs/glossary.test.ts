import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readProject, root } from '../tidy/source.js';
import {
  identifiersOf,
  publicNamesOf,
  readGlossary,
  readWordLists,
  wordsOf,
} from '../tidy/words.js';

const sources = readProject().filter(({ path }) => /^src\/.*\.tsx?$/.test(path));
const lists = readWordLists();
const glossary = readGlossary(readFileSync(join(root, 'docs', 'architecture.md'), 'utf8'));
const names = new Set(sources.flatMap(publicNamesOf));
const used = new Set([...names].flatMap(wordsOf));
const listed = new Set(lists.flatMap(({ words }) => words));
/** As in `-queue-entry-`, so that a term is found by its whole words. */
const chained = (words: readonly string[]) => `-${words.join('-')}-`;

describe('the words of file names and exported names', () => {
  test('are those of the lists, or stand in the glossary', () => {
    const explained = new Set(glossary.flatMap(({ text }) => [...wordsOf(text), ...joined(text)]));
    const unknown = [...names].flatMap((name) =>
      wordsOf(name)
        .filter((word) => !listed.has(word) && !explained.has(word))
        .map((word) => `"${word}" of ${name}`),
    );
    assert.deepEqual(unknown, []);
  });

  test('are split and made singular', () => {
    assert.deepEqual(wordsOf('HTTPServerEntries'), ['http', 'server', 'entry']);
    assert.deepEqual(wordsOf('in-flight-proposals'), ['in', 'flight', 'proposal']);
    assert.deepEqual(wordsOf('accessStatus2Has'), ['access', 'status', 'has']);
  });

  test('are read from every kind of export', () => {
    const text = [
      ...['export class A {}', 'export abstract class B {}', 'export async function c() {}'],
      ...['export interface D {}', 'export type E = 1;', 'export const f = 1;', 'const g = 1;'],
    ].join('\n');
    const found = publicNamesOf({ path: 'src/x/y-z.ts', text });
    assert.deepEqual(found, ['x', 'y-z', 'A', 'B', 'c', 'D', 'E', 'f']);
  });
});

describe('the lists of words', () => {
  test('say why their words need no explanation', () => {
    for (const { name, reason } of lists) assert.match(reason, /^# \w.*\.$/, name);
  });

  for (const { name, words } of lists) {
    test(`${name} is sorted, and has no word that no name uses`, () => {
      assert.deepEqual(words, [...new Set(words)].sort());
      assert.deepEqual(
        words.filter((word) => !used.has(word)),
        [],
      );
    });
  }

  test('have no word in common', () => {
    const all = lists.flatMap(({ words }) => words);
    assert.deepEqual(
      all.filter((word, at) => all.indexOf(word) !== at),
      [],
    );
  });
});

describe('the glossary', () => {
  const chains = new Set(
    [...names, ...sources.flatMap(identifiersOf)].map((name) => chained(wordsOf(name))),
  );

  test('has only terms that the code uses', () => {
    const all = [...chains].join('');
    const unused = glossary.filter(({ text }) => {
      const forms = [wordsOf(text), joined(text)];
      return !forms.some((form) => all.includes(chained(form)));
    });
    assert.deepEqual(
      unused.map(({ text }) => text),
      [],
    );
  });

  test('explains each term once, on one line, in words', () => {
    const terms = glossary.map(({ text }) => text);
    assert.deepEqual(terms, [...new Set(terms)]);
    for (const { text, meaning } of glossary) assert.ok(meaning.split(' ').length > 4, text);
  });

  test('has a table that is read', () => assert.ok(glossary.length > 40));
});

/** "Clean-up" is `cleanup` in a name. */
function joined(text: string): readonly string[] {
  return text.split(' ').flatMap((word) => wordsOf(word.replaceAll('-', '')));
}
