import { codeOf, type Source, withoutComments } from './source.js';

/** Finds one kind of fault: a line for each. */
export type Rule = (source: Source) => readonly string[];

export const fileLinesMax = 400;

const purePattern = /^src\/(?:raft|encoding|command|store)\/.*\.ts$/;

/** What would make a replica's result depend on anything but its inputs. */
const effects: readonly (readonly [string, RegExp])[] = [
  ['the wall clock', /\bDate\b/],
  ['a clock', /(?<![.\w])performance\b/],
  ['a timer', /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/],
  ['chance', /\bMath\s*\.\s*random\b|(?<![.\w])crypto\b/],
  ['the process', /(?<![.\w])process\b|\bglobalThis\b/],
  ['output', /\bconsole\b/],
  ['a promise', /\b(?:async|await|Promise|Async\w+)\b/],
  ["the machine's language", /\b(?:toLocale\w+|localeCompare|Intl)\b/],
];

/** The core is a function of its inputs. */
export const pure: Rule = ({ path, text }) => {
  if (!purePattern.test(path)) return [];
  const lines = codeOf(text).split('\n');
  return lines.flatMap((line, index) =>
    effects
      .filter(([, pattern]) => pattern.test(line))
      .map(([name]) => `${path}:${index + 1} uses ${name}`),
  );
};

export const short: Rule = ({ path, text }) => {
  const lines = text.split('\n').length - 1;
  return isCode(path) && lines > fileLinesMax ? [`${path} has ${lines} lines`] : [];
};

/**
 * Where classes may show fields that others change: the state of the core (`src/raft/DESIGN.md`),
 * and the tree.
 */
const openState = /^src\/(?:raft\/state\.ts$|store\/)/;

/** A field of a class is private, or never changes. */
export const encapsulated: Rule = ({ path, text }) => {
  if (!/^src\/.*\.tsx?$/.test(path) || openState.test(path)) return [];
  let inClass = false;
  return codeOf(text)
    .split('\n')
    .flatMap((line, index) => {
      if (/^(?:export )?(?:abstract )?class\b.*\{$/.test(line)) inClass = true;
      if (/^}/.test(line)) inClass = false;
      const isField = /^ {2}(?:static |override |declare )*[a-z]\w*[?!]?(?:: [^(]*| = .*)[;{[(]?$/;
      const shows = inClass && isField.test(line) && !/^ {2}(?:static )?readonly\b/.test(line);
      return shows ? [`${path}:${index + 1} shows a field that others can change`] : [];
    });
};

/** The words are put together here, or this file would find itself. */
const leftovers = [
  ['TO', 'DO'],
  ['FIX', 'ME'],
  ['XX', 'X'],
  ['HA', 'CK'],
  ['biome', '-ignore'],
  ['@ts', '-ignore'],
  ['@ts', '-expect-error'],
  ['@ts', '-nocheck'],
].map((parts) => parts.join(''));

export const finished: Rule = ({ path, text }) =>
  linesWith({ path, text }, new RegExp(`(?<![\\w])(?:${leftovers.join('|')})(?![\\w])`));

/**
 * Whoever takes the `readonly` off makes all changes of a class, each with what has to come before
 * it.
 */
const guards =
  /^src\/store\/(?:part\/writable|keys\/(?:tree|deadlines)|locks\/(?:queues|attachments))\.ts$/;

export const guarded: Rule = ({ path, text }) =>
  /^src\//.test(path) && !guards.test(path)
    ? linesWith({ path, text: codeOf(text) }, /\bWritable\b/)
    : [];

/** Where the project was written is nobody's business and true on one machine only. */
export const movable: Rule = (source) => {
  const places = ['work', 'root', 'home', 'tmp/bash'].map((name) => `/${name}`);
  return linesWith(
    source,
    new RegExp(`(?<![\\w.~})*-])(?:${places.join('|')})(?:/|_|$|(?=['"\`)]))`),
  );
};

export const namedExports: Rule = ({ path, text }) =>
  isCode(path) ? linesWith({ path, text: codeOf(text) }, /^\s*export\s+default\b/) : [];

const mixed =
  /\)\s*:\s*(?:Promise<)?(?:[\w<>, ]+ \| )+(?:string|\w*(?:Error|Refusal|Failure))>?\s*[;{]|'(?:errorCode|status|error)' in /;

/** What is told apart by its type or its fields is told apart anew by each caller. */
export const oneResult: Rule = ({ path, text }) =>
  /^src\/(?!dashboard\/).*\.ts$/.test(path)
    ? linesWith({ path, text: withoutComments(text) }, mixed)
    : [];

/** What readers see is declared there, and made elsewhere. */
export const viewsAreTypes: Rule = ({ path, text }) =>
  /^src\/view\//.test(path)
    ? linesWith(
        { path, text: codeOf(text) },
        /^(?:export (?!type\b|interface\b)|import (?!type\b))/,
      )
    : [];

export const kebabCase: Rule = ({ path }) => {
  if (!isCode(path)) return [];
  const bad = path
    .replace(/\.(?:test\.)?(?:tsx?|mjs|css)$/, '')
    .split('/')
    .filter((part) => !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(part));
  return bad.length > 0 ? [`${path}: ${bad.join(', ')} is not in kebab-case`] : [];
};

/**
 * The runner takes *.test.ts: a test in another file would never run. A suite that others run
 * exports.
 */
export const testsRun: Rule = ({ path, text }) => {
  if (!/^test\/.*\.ts$/.test(path)) return [];
  const usesRunner = /'node:test'/.test(text);
  const isTest = path.endsWith('.test.ts');
  if (isTest && !usesRunner) return [`${path} runs no test`];
  const hasTests = usesRunner && /\b(?:test|it)\(/.test(codeOf(text));
  if (!isTest && hasTests && !/^export /m.test(text)) return [`${path} must end in .test.ts`];
  return [];
};

/** `only` hides every other test. Skipped tests are counted when all tests are run. */
export const nothingHidden: Rule = ({ path, text }) =>
  /^test\/.*\.ts$/.test(path)
    ? linesWith({ path, text: codeOf(text) }, /\b(?:test|it|describe)\.(?:only|todo)\b/)
    : [];

function linesWith({ path, text }: Source, pattern: RegExp): readonly string[] {
  return text
    .split('\n')
    .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : []));
}

function isCode(path: string): boolean {
  return /^(?:src|test|scripts)\/.*\.(?:tsx?|mjs|css)$/.test(path);
}
