import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { AuthServer } from '../http/access/auth-server.js';
import { Authority, pemOf } from '../support/certificates.js';
import { root } from '../tidy/source.js';

const page = readFileSync(join(root, 'docs', 'users.md'), 'utf8');
const commands = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
  block.trim().split('\n'),
);

/** The server is in this process, so nothing may block it. */
async function run(command: string): Promise<string> {
  const child = spawn('sh', ['-c', command.replace('curl ', 'curl -sS ')]);
  return await text(child.stdout);
}

test('a client that shows a certificate as in docs/users.md is its user', async () => {
  using authority = new Authority();
  const ca = readFileSync(authority.caFile, 'latin1');
  const contextOptions = { ...pemOf(authority.issue()), ca };
  const alice = authority.issue({ commonName: 'alice', names: [] });
  const setup = authority.issue({ names: [] });
  const files = { 'clients-ca.crt': authority.caFile, 'alice.crt': alice.certFile };
  const secure = { contextOptions, wantsCertificate: true, namesUsers: true, onReplaced: () => {} };
  await using server = await AuthServer.start(
    {},
    {},
    {},
    { secure, shown: { ca, ...pemOf(setup) } },
  );
  let [command = ''] = commands.filter((each) => each.includes('--cert'));
  command = command.replace('127.0.0.1:4001', `127.0.0.1:${server.api.port}`);
  for (const [name, file] of Object.entries({ ...files, 'alice.key': alice.keyFile })) {
    command = command.replace(name, file);
  }
  const { user, by } = JSON.parse(await run(command));
  assert.deepEqual([user, by], ['alice', 'certificate']);
});

test('every command of docs/users.md does what it says', async () => {
  await using server = await AuthServer.open();
  const here = `http://127.0.0.1:${server.api.port}`;
  const answers: string[] = [];
  for (const command of commands.filter((each) => !each.includes('--cert'))) {
    answers.push(await run(command.replace('http://127.0.0.1:4001', here)));
  }
  const role = JSON.parse(answers[4] ?? '').permissions;
  assert.deepEqual(answers.slice(0, 3), [
    '{"user":"root","roles":["root"]}\n',
    '{"role":"guest","permissions":{"kv":{"read":null,"write":null}}}\n',
    '',
  ]);
  assert.equal(JSON.parse(answers[3] ?? '').users[0].user, 'root');
  assert.deepEqual(role.lock, { acquire: ['deploy/*'], release: ['deploy/*'], read: [] });
  assert.equal(answers[5], '{"user":"alice","roles":null}\n');
  assert.equal(answers[6], '{"user":"alice","roles":["deployer"]}\n');
  assert.match(answers[7] ?? '', /^[0-9]+$/);
  assert.equal(JSON.parse(answers[8] ?? '').user, 'alice');
  assert.equal(answers.length, 9);
});
