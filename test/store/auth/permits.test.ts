import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noPermissions, type Permissions } from '../../../src/command/permissions.js';
import type { LockRight, Right } from '../../../src/command/right.js';
import { permits } from '../../../src/store/auth/permits.js';

function key(path: string, recursive = false): Right {
  return { type: 'key', action: 'read', path, recursive };
}

function lock(action: LockRight['action'], name: string, recursive = false): Right {
  return { type: 'lock', space: 'lock', action, name, recursive };
}

describe('a pattern fits', () => {
  const cases: readonly (readonly [pattern: string, right: Right, fits: boolean])[] = [
    ['/a', key('/a'), true],
    ['/a', key('/ab'), false],
    ['/a', key('/a/b'), false],
    ['/a', key('/a', true), false],
    ['/a/*', key('/a'), false],
    ['/a/*', key('/a', true), false],
    ['/a/*', key('/a/b'), true],
    ['/a/*', key('/a/b', true), true],
    ['/a*', key('/a', true), true],
    ['/a*', key('/ab/c'), true],
    ['/*', key('/', true), true],
    ['/a*b', key('/axb'), false],
    ['/a*b', key('/a*b'), true],
    ['*', key('/', true), true],
  ];
  for (const [pattern, right, fits] of cases) {
    test(`${pattern} ${fits ? '' : 'not '}${JSON.stringify(right)}`, () => {
      assert.equal(permits({ ...noPermissions, keyRead: [pattern] }, right), fits);
    });
  }
});

test('each permission permits what it is called after, and a lock that may change may be seen', () => {
  const rights: readonly Right[] = [
    { type: 'key', action: 'read', path: 'x', recursive: false },
    { type: 'key', action: 'write', path: 'x', recursive: false },
    lock('acquire', 'x'),
    lock('release', 'x'),
    lock('read', 'x'),
    { ...lock('acquire', 'x'), space: 'leader' } as Right,
    { ...lock('release', 'x'), space: 'leader' } as Right,
    { ...lock('read', 'x'), space: 'leader' } as Right,
    { type: 'admin', kind: 'members' },
  ];
  const permitted = (some: Partial<Permissions>) =>
    rights.map((right) => (permits({ ...noPermissions, ...some }, right) ? '1' : '0')).join('');
  assert.equal(permitted({}), '000000000');
  assert.equal(permitted({ keyRead: ['x'] }), '100000000');
  assert.equal(permitted({ keyWrite: ['x'] }), '010000000');
  assert.equal(permitted({ lockAcquire: ['x'] }), '001010000');
  assert.equal(permitted({ lockRelease: ['x'] }), '000110000');
  assert.equal(permitted({ lockRead: ['x'] }), '000010000');
  assert.equal(permitted({ electionAcquire: ['x'] }), '000001010');
  assert.equal(permitted({ electionRelease: ['x'] }), '000000110');
  assert.equal(permitted({ electionRead: ['x'] }), '000000010');
  assert.equal(permitted({ admin: ['members'] }), '000000001');
});

test('whoever may do anything is known', () => {
  assert.equal(permits(noPermissions, { type: 'client' }), false);
  assert.equal(permits({ ...noPermissions, lockRead: ['x'] }, { type: 'client' }), true);
});
