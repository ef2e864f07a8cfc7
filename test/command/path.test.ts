import assert from 'node:assert/strict';
import { posix } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { cleanPath, isCleanPath, isHidden, pathProblem } from '../../src/command/path.js';

test('a path is cleaned as Go cleans it', () => {
  const cases: readonly (readonly [path: string, clean: string])[] = [
    ['', '/'],
    ['/', '/'],
    ['//', '/'],
    ['foo', '/foo'],
    ['/foo/', '/foo'],
    ['/foo//bar', '/foo/bar'],
    ['/foo/./bar', '/foo/bar'],
    ['/foo/../bar', '/bar'],
    ['/..', '/'],
    ['/../../foo', '/foo'],
    ['/foo/..', '/'],
    ['/...', '/...'],
    ['/.foo', '/.foo'],
    ['/foo.', '/foo.'],
    ['/..foo/bar..', '/..foo/bar..'],
  ];
  for (const [path, clean] of cases) assert.equal(cleanPath(path), clean, path);
});

test('cleaning agrees with POSIX normalisation, and twice is once', () => {
  const messy = fc.string({ unit: fc.constantFrom('/', '.', 'a', '_'), maxLength: 16 });
  fc.assert(
    fc.property(messy, (path) => {
      const expected = posix
        .normalize(`/${path}`)
        .replace(/(?<=.)\/$/, '')
        .replace(/^\/+/, '/');
      assert.equal(cleanPath(path), expected);
      assert.ok(isCleanPath(cleanPath(path)));
      assert.equal(isCleanPath(path), cleanPath(path) === path);
    }),
    { numRuns: 1000 },
  );
});

test('a key is hidden from a watcher when something between them begins with an underscore', () => {
  const cases: readonly (readonly [watch: string, key: string, hidden: boolean])[] = [
    ['/', '/_foo', true],
    ['/', '/foo', false],
    ['/', '/foo/_bar', true],
    ['/', '/_foo/bar', true],
    ['/_foo', '/_foo/bar', false],
    ['/_foo', '/_foo/_bar', true],
    ['/foo', '/foo/_bar/baz', true],
    ['/foo', '/foo/bar_', false],
    ['/foo/_x', '/foo/_x', false],
    ['/foo/_x/y', '/foo', false],
  ];
  for (const [watch, key, hidden] of cases) {
    assert.equal(isHidden(watch, key), hidden, `${watch} ${key}`);
  }
});

test('a path that is too deep or too long has a problem that can be told', () => {
  assert.equal(pathProblem('/a'.repeat(256)), undefined);
  assert.match(pathProblem('/a'.repeat(257)) ?? '', /at most 256 segments/);
  assert.match(pathProblem(`/${'a'.repeat(65_536)}`) ?? '', /at most 65536 characters/);
});
