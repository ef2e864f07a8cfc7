import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockName } from '../../src/lock/lock-name.js';

for (const [path, name] of [
  ['/customer1', 'customer1'],
  ['/a/b', 'a/b'],
  ['//a//b/', 'a/b'],
  ['/0000000000000000001', '0000000000000000001'],
  ['/ü 😀', 'ü 😀'],
] as const) {
  test(`${path} names ${name}`, () => {
    assert.deepEqual(lockName(path.split('/')), { ok: true, value: name });
  });
}

for (const [path, cause] of [
  ['', 'the name is empty'],
  ['//', 'the name is empty'],
  ['/a/./b', '"." cannot be a part of a name'],
  ['/../a', '".." cannot be a part of a name'],
  ['/a/00000000000000000012/b', 'a part of a name cannot have 20 digits: "00000000000000000012"'],
  ['/a'.repeat(1000), 'the name is too long or has too many parts'],
  [`/${'a'.repeat(40_000)}`, 'the name is too long or has too many parts'],
] as const) {
  test(`${path.slice(0, 40)} names nothing: ${cause}`, () => {
    assert.deepEqual(lockName(path.split('/')), { ok: false, error: cause });
  });
}
