import { posix } from 'node:path';
import { codeOf, type Source, withoutComments } from './source.js';

const exported = /^export (?:async )?(?:abstract )?(?:function\*?|class|const) (\w+)/gm;
const imports = /\b(?:import|export)\s*\{([^}]*)\}\s*from\s*'(\.[^']+)'/g;
const laterImports = /\{([^{}]*)\}\s*=\s*await import\('(\.[^']+)'\)/g;

/**
 * One line for each function, class and constant that src/ exports and no other file imports by its
 * name: it is dead, or has no need to be exported. Types are left out, since they describe what is
 * exported.
 */
export function unusedExports(project: readonly Source[]): readonly string[] {
  const imported = new Set(project.flatMap(importedNames));
  return project
    .filter(({ path }) => /^src\/.*\.tsx?$/.test(path))
    .flatMap(({ path, text }) =>
      [...codeOf(text).matchAll(exported)]
        .map((match) => match[1] ?? '')
        .filter((name) => !imported.has(`${moduleOf(path)} ${name}`))
        .map((name) => `${path} exports ${name} to nobody`),
    );
}

/** Each as the module that it comes from, and its name there. */
function importedNames({ path, text }: Source): readonly string[] {
  if (!/\.(?:tsx?|mjs)$/.test(path)) return [];
  const code = withoutComments(text);
  return [...code.matchAll(imports), ...code.matchAll(laterImports)].flatMap(
    ([, names = '', specifier = '']) => {
      const module = moduleOf(posix.join(posix.dirname(path), specifier));
      return names.split(',').map((name) => `${module} ${nameOf(name)}`);
    },
  );
}

function nameOf(binding: string): string {
  return binding
    .trim()
    .replace(/^type\s+/, '')
    .replace(/\s+as\s+.*$/s, '');
}

function moduleOf(path: string): string {
  return path.replace(/\.(?:tsx?|js)$/, '');
}
