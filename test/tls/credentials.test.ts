import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { checkCredentials, readContents } from '../../src/tls/credentials.js';
import type { TlsFiles } from '../../src/tls/tls-files.js';
import { Authority, type Issued, openssl } from '../support/certificates.js';

const authority = new Authority();
const good = authority.issue();
after(() => authority[Symbol.dispose]());

function filesOf(issued: Issued, changes: Partial<TlsFiles> = {}): TlsFiles {
  return {
    ...issued,
    trustedCaFile: undefined,
    minVersion: 'TLSv1.2',
    flagPrefix: '',
    ...changes,
  };
}

async function readCredentials(files: TlsFiles, now: number) {
  const contents = await readContents(files);
  return contents.ok ? checkCredentials(files, contents.value, now) : contents;
}

/** With the folder of the files left out. */
async function refusal(files: TlsFiles, now = Date.now()): Promise<string> {
  const read = await readCredentials(files, now);
  assert.equal(read.ok, false);
  return read.ok ? '' : read.error.replaceAll(`${authority.folder}/`, '');
}

function written(name: string, content: string): string {
  const path = authority.path(name);
  writeFileSync(path, content);
  return path;
}

describe('the files of a certificate are accepted', () => {
  test('when they belong together', async () => {
    const read = await readCredentials(
      filesOf(good, { trustedCaFile: authority.caFile }),
      Date.now(),
    );
    assert(read.ok);
    const days = (read.value.expiresAt - Date.now()) / 86_400_000;
    assert(days > 1.9 && days < 2.1, `${days}`);
  });

  test('with a chain, of which the first to expire counts', async () => {
    const older = readFileSync(authority.issue({ days: 1 }).certFile, 'latin1');
    const chain = `${readFileSync(good.certFile, 'latin1')}\n${older}`;
    const certFile = written('chain.crt', chain);
    const read = await readCredentials(filesOf({ ...good, certFile }), Date.now());
    assert(read.ok);
    assert(read.value.expiresAt < Date.now() + 1.1 * 86_400_000);
  });

  test('when one of several authorities has expired', async () => {
    const expired = readFileSync(authority.issue({ isExpired: true }).certFile, 'latin1');
    const both = written('both.crt', `${expired}\n${readFileSync(authority.caFile, 'latin1')}`);
    const read = await readCredentials(filesOf(good, { trustedCaFile: both }), Date.now());
    assert(read.ok);
  });
});

describe('one sentence says that', () => {
  test('a file is missing', async () => {
    const certFile = authority.path('none.crt');
    assert.equal(
      await refusal(filesOf({ ...good, certFile })),
      '--cert-file none.crt cannot be read: there is no such file',
    );
    assert.equal(
      await refusal(filesOf(good, { trustedCaFile: authority.folder, flagPrefix: 'peer-' })),
      `--peer-trusted-ca-file ${authority.folder} cannot be read: it is a directory`,
    );
  });

  test('the key belongs to another certificate', async () => {
    const { keyFile } = authority.issue();
    copyFileSync(keyFile, authority.path('other.key'));
    copyFileSync(good.certFile, authority.path('good.crt'));
    const other = { certFile: authority.path('good.crt'), keyFile: authority.path('other.key') };
    assert.equal(
      await refusal(filesOf(other)),
      '--key-file other.key is not the key of the certificate in --cert-file good.crt',
    );
  });

  test('a file is not PEM, or has something else', async () => {
    const binary = written('binary', '\0\x01\x02');
    assert.equal(
      await refusal(filesOf({ ...good, certFile: binary })),
      '--cert-file binary is not PEM: it has no "-----BEGIN CERTIFICATE-----"',
    );
    assert.equal(
      await refusal(filesOf({ ...good, keyFile: binary })),
      '--key-file binary is not PEM: it has no "-----BEGIN PRIVATE KEY-----"',
    );
    assert.match(
      await refusal(filesOf({ ...good, certFile: good.keyFile })),
      /has no certificate, but: PRIVATE KEY$/,
    );
    assert.match(
      await refusal(filesOf({ ...good, keyFile: good.certFile })),
      /^--key-file .* is not PEM: it has no "-----BEGIN PRIVATE KEY-----"$/,
    );
  });

  test('a file is damaged', async () => {
    const damaged = (path: string) =>
      readFileSync(path, 'latin1').replace(/^([^-].{10}).{9}/m, '$1AAAAAAAAA');
    const certFile = written('damaged.crt', damaged(good.certFile));
    assert.equal(
      await refusal(filesOf({ ...good, certFile })),
      '--cert-file damaged.crt has a certificate that cannot be read: it is damaged',
    );
    const keyFile = written('damaged.key', damaged(good.keyFile));
    assert.equal(
      await refusal(filesOf({ ...good, keyFile })),
      '--key-file damaged.key has a private key that cannot be read: it is damaged',
    );
  });

  test('the key is encrypted', async () => {
    const keyFile = authority.path('encrypted.key');
    openssl(...['pkcs8', '-topk8', '-in', good.keyFile, '-passout', 'pass:x', '-out', keyFile]);
    assert.equal(
      await refusal(filesOf({ ...good, keyFile })),
      '--key-file encrypted.key is encrypted: nobody can give a member the passphrase of its key',
    );
  });

  test('the certificate has expired, or is not valid yet', async () => {
    assert.match(
      await refusal(filesOf(authority.issue({ isExpired: true }))),
      /^--cert-file issued-\d+.crt has a certificate that expired at 20\d\d-\d\d-\d\dT[\d:]+Z$/,
    );
    assert.match(
      await refusal(filesOf(good), Date.now() - 3_600_000),
      /^--cert-file issued-1.crt has a certificate that is not valid before 20[\dT:-]+Z$/,
    );
  });

  test('the certificate is for another use', async () => {
    const forClients = authority.issue({ usage: 'clientAuth' });
    assert.match(await refusal(filesOf(forClients)), /whose extended key usage lacks serverAuth$/);
    const forServers = authority.issue({ usage: 'serverAuth' });
    assert((await readCredentials(filesOf(forServers), Date.now())).ok);
    assert.match(
      await refusal(filesOf(forServers, { flagPrefix: 'peer-' })),
      /^--peer-cert-file .* whose extended key usage lacks clientAuth$/,
    );
  });

  test('all authorities have expired', async () => {
    const { certFile } = authority.issue({ isExpired: true });
    assert.match(
      await refusal(filesOf(good, { trustedCaFile: certFile })),
      /^--trusted-ca-file issued-\d+.crt has no certificate that has not expired$/,
    );
  });

  test('the key is too short for OpenSSL', async () => {
    const [keyFile, certFile] = [authority.path('short.key'), authority.path('short.crt')];
    openssl(
      ...['req', '-x509', '-newkey', 'rsa:512', '-nodes', '-subj', '/CN=short'],
      ...['-keyout', keyFile, '-out', certFile],
    );
    assert.match(
      await refusal(filesOf({ certFile, keyFile })),
      /^--cert-file short.crt cannot be used: .*too small/,
    );
  });
});
