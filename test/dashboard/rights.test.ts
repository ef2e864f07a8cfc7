import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noPermissions } from '../../src/command/permissions.js';
import { type Caller, type Right, type Role, refusalOf } from '../../src/dashboard/api/rights.js';
import { permits } from '../../src/store/auth/permits.js';

const patterns = ['*', '/*', '/a', '/a*', '/a/*', '/a/b', 'a', 'a*'];
const names = ['/', '/a', '/a/b', '/ab', 'a', 'ab', 'b'];

test('the page takes a pattern for what the member takes it for', () => {
  for (const pattern of patterns) {
    for (const path of names) {
      for (const recursive of [false, true]) {
        const role = { ...nothing, keyWrite: [pattern] };
        const wanted = { type: 'key', action: 'write', path, recursive } as const;
        const may = permits({ ...noPermissions, keyWrite: [pattern] }, wanted);
        assert.equal(isAllowed(role, { type: 'write', path, recursive }), may, pattern + path);
      }
      for (const space of ['lock', 'leader'] as const) {
        const field = space === 'lock' ? 'lockRelease' : 'electionRelease';
        const action = 'release';
        const wanted = { type: 'lock', action, space, name: path, recursive: false } as const;
        const may = permits({ ...noPermissions, [field]: [pattern] }, wanted);
        const role = { ...nothing, [field]: [pattern] };
        assert.equal(isAllowed(role, { type: 'release', space, name: path }), may, pattern + path);
      }
    }
  }
});

test('root may do everything, and everybody while users are not asked for', () => {
  const backup: Right = { type: 'admin', kind: 'backup' };
  assert.equal(isAllowed({ ...nothing, name: 'root' }, backup), true);
  assert.equal(isAllowed({ ...nothing, admin: ['members'] }, backup), false);
  const nobody: Caller = {
    ...{ isAsked: false, user: undefined, isByCertificate: false, roles: [] },
  };
  assert.equal(refusalOf(nobody, backup), undefined);
  assert.equal(
    refusalOf({ ...nobody, isAsked: true }, backup),
    'A guest may not take a backup: no role permits admin “backup”.',
  );
});

const nothing = { name: 'one', keyWrite: [], lockRelease: [], electionRelease: [], admin: [] };

function isAllowed(role: Role, right: Right): boolean {
  const ann = { isAsked: true, user: 'ann', isByCertificate: false, roles: [role] };
  return refusalOf(ann, right) === undefined;
}
