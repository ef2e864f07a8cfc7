import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shell } from '../cluster/shell.js';
import { AuthServer } from '../http/access/auth-server.js';
import { etcdctlMissing, etcdctlPrelude } from './etcdctl.js';

/** What etcdctl 3.4.23 prints and exits with against an etcd 3.4.23. */
const session: readonly (readonly [command: string, code: number, prints: string])[] = [
  ['user add root:secret', 0, 'User root created'],
  ['user add alice:wonderland', 0, 'User alice created'],
  ['role add dev', 0, 'Role dev created'],
  ["role grant dev --path '/a/*' --readwrite", 0, 'Role dev updated'],
  ['user grant alice --roles dev', 0, 'User alice updated'],
  ['auth enable', 0, 'Authentication Enabled'],
  ['--username root:secret user list', 0, 'alice\nroot'],
  ['--username root:secret user get alice', 0, 'User: alice\nRoles:  dev'],
  ['--username root:secret role list', 0, 'dev\nguest\nroot'],
  ["--username root:secret role revoke guest --path '/*' --readwrite", 0, 'Role guest updated'],
  ['--username alice:wonderland set /a/b 1', 0, '1'],
  ['--username alice:wonderland get /a/b', 0, '1'],
  ['--username alice:wonderland ls / ', 4, 'Insufficient credentials'],
  ['--username alice:wrong get /a/b', 4, 'Insufficient credentials'],
  ['get /a/b', 4, 'Insufficient credentials'],
  ['--username alice:wonderland user list', 1, 'Insufficient credentials'],
  ['--username root:secret user revoke alice --roles dev', 0, 'User alice updated'],
  ['--username alice:wonderland get /a/b', 4, 'Insufficient credentials'],
  ['--username root:secret user remove alice', 0, 'User alice removed'],
  ['--username root:secret role remove dev', 0, 'Role dev removed'],
  ['--username root:secret auth disable', 0, 'Authentication Disabled'],
  ['get /a/b', 0, '1'],
];

test('etcdctl manages users and roles, and asks as one of them', {
  skip: etcdctlMissing,
}, async () => {
  await using server = await AuthServer.open();
  const prelude = etcdctlPrelude([`http://127.0.0.1:${server.api.port}`]);
  for (const [command, code, prints] of session) {
    const ended = await shell(`${prelude}\netcdctl ${command} 2>&1`);
    const what = `${command}: ${ended.stdout}`;
    assert.equal(ended.code, code, what);
    if (code === 0) assert.ok(ended.stdout.trim().startsWith(prints), what);
    else assert.ok(ended.stdout.includes(prints), what);
  }
});
