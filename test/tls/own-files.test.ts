import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { checkCredentials, readContents } from '../../src/tls/credentials.js';
import { makeCertificate } from '../../src/tls/own-files.js';
import type { TlsFiles } from '../../src/tls/tls-files.js';

const folder = mkdtempSync(join(tmpdir(), 'conclave-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const hosts = ['localhost', '10.0.0.1'];
const dayMs = 86_400_000;
const now = Date.parse('2026-03-01T09:30:15Z');

function filesIn(name: string): TlsFiles {
  const path = join(folder, name, 'fixtures', 'client');
  return {
    certFile: join(path, 'cert.pem'),
    keyFile: join(path, 'key.pem'),
    trustedCaFile: undefined,
    minVersion: 'TLSv1.2',
    flagPrefix: '',
  };
}

test('the files are made for their owner alone, and a member can show them', async () => {
  const files = filesIn('new');
  assert.equal(await makeCertificate(files, hosts, now), true);
  const contents = await readContents(files);
  assert(contents.ok);
  const checked = checkCredentials(files, contents.value, now);
  assert(checked.ok);
  assert.equal(checked.value.expiresAt, now + 365 * dayMs);
  const modes = [dirname(files.keyFile), files.keyFile].map((path) => statSync(path).mode & 0o777);
  assert.deepEqual(modes, [0o700, 0o600]);
  assert.deepEqual(readdirSync(dirname(files.keyFile)).sort(), ['cert.pem', 'key.pem']);
});

test('the files are used again, until the log would warn of them', async () => {
  const files = filesIn('again');
  await makeCertificate(files, hosts, now);
  const before = readFileSync(files.certFile, 'latin1');
  assert.equal(await makeCertificate(files, hosts, now + 350 * dayMs), false);
  assert.equal(await makeCertificate(files, ['10.0.0.1'], now), false);
  assert.equal(readFileSync(files.certFile, 'latin1'), before);
  assert.equal(await makeCertificate(files, hosts, now + 351 * dayMs), true);
  assert.notEqual(readFileSync(files.certFile, 'latin1'), before);
});

test('others are made when the hosts are others', async () => {
  const files = filesIn('hosts');
  await makeCertificate(files, hosts, now);
  assert.equal(await makeCertificate(files, [...hosts, '10.0.0.2'], now), true);
  assert.equal(await makeCertificate(files, [...hosts, 'n1.example'], now), true);
});

test('others are made when one of the two is missing, damaged or of another pair', async () => {
  const files = filesIn('damaged');
  await makeCertificate(files, hosts, now);
  const other = filesIn('other');
  await makeCertificate(other, hosts, now);
  const damages = [
    () => rmSync(files.certFile),
    () => rmSync(files.keyFile),
    () => writeFileSync(files.keyFile, readFileSync(files.keyFile).subarray(0, 60)),
    () => writeFileSync(files.keyFile, readFileSync(other.keyFile)),
  ];
  for (const damage of damages) {
    damage();
    assert.equal(await makeCertificate(files, hosts, now), true);
    assert.equal(await makeCertificate(files, hosts, now), false);
  }
  assert.equal(statSync(files.keyFile).mode & 0o777, 0o600);
});
