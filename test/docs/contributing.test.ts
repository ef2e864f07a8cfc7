import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { root } from '../../scripts/packages.mjs';
import { applyPatch, diffsIn, type FilePatch, parseDiff } from './patch.js';

const page = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
const sections = page.split(/^(?=## )/m);

/** How many files of src/ each addition may touch: the house is built so that this is enough. */
const additions = [
  { title: 'Add a field to a command', sourceFilesMax: 3 },
  { title: 'Add a flag', sourceFilesMax: 2 },
  { title: 'Add a measurement', sourceFilesMax: 3 },
  { title: 'Add a read-only route', sourceFilesMax: 2 },
].map((addition) => ({ ...addition, patches: patchesOf(addition.title) }));

describe('each addition that CONTRIBUTING.md shows', () => {
  const copy = mkdtempSync(join(tmpdir(), 'conclave-guide-'));

  before(() => {
    for (const part of ['src', 'test', 'scripts', 'package.json', 'tsconfig.json']) {
      cpSync(join(root, part), join(copy, part), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  });
  after(() => rmSync(copy, { recursive: true, force: true }));

  for (const { title, sourceFilesMax, patches } of additions) {
    test(`"${title}" touches ${sourceFilesMax} source files at most, and comes with a test`, () => {
      const paths = patches.map(({ path }) => path);
      const sources = paths.filter((path) => path.startsWith('src/'));
      assert.ok(sources.length > 0 && sources.length <= sourceFilesMax, sources.join(', '));
      assert.ok(paths.some((path) => path.endsWith('.test.ts')));
    });

    test(`"${title}" fits the code of today`, () => {
      for (const patch of patches) applyPatch(copy, patch);
    });
  }

  test('compiles, together with the others', () => {
    const { status, stdout } = run(['node_modules/typescript/bin/tsc', '--noEmit', '-p', '.']);
    assert.equal(status, 0, stdout);
  });

  test('passes the tests that come with it', () => {
    const paths = additions.flatMap(({ patches }) => patches.map(({ path }) => path));
    const tests = paths.filter((path) => path.endsWith('.test.ts'));
    const { status, stdout } = run(['--import', 'tsx', '--test', '--test-reporter=tap', ...tests]);
    assert.equal(status, 0, stdout);
  });

  function run(args: readonly string[]) {
    return spawnSync(process.execPath, args, {
      cwd: copy,
      encoding: 'utf8',
      env: cleanEnvironment(),
    });
  }
});

test('the mutant that CONTRIBUTING.md names is there', async () => {
  const named = /npm run mutants -- ([\w-]+)/.exec(page)?.[1] ?? '';
  const { mutants } = await import('../../scripts/mutants/raft.mjs');
  assert.ok(
    mutants.some(({ name }) => name === named),
    named,
  );
});

/** A test runner that finds the variable of another one does not run its tests itself. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  return environment;
}

function patchesOf(title: string): readonly FilePatch[] {
  const section = sections.find((each) => each.startsWith(`## ${title}\n`)) ?? '';
  return diffsIn(section).flatMap(parseDiff);
}
