import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { connect, createServer, type SecureContextOptions, type TLSSocket } from 'node:tls';
import { type ClientCertificate, clientCertificateOf } from '../../src/tls/client-certificate.js';
import { Authority, pemOf } from '../support/certificates.js';

const authority = new Authority();
const elsewhere = new Authority('elsewhere');
after(() => {
  authority[Symbol.dispose]();
  elsewhere[Symbol.dispose]();
});
const ca = readFileSync(authority.caFile, 'latin1');

/** What a server makes of a client that shows this to it. */
async function seen(shown: SecureContextOptions): Promise<ClientCertificate | undefined> {
  const server = createServer({
    ...pemOf(authority.issue()),
    ...{ ca, requestCert: true, rejectUnauthorized: false },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const accepted = new Promise<TLSSocket>((resolve) => server.once('secureConnection', resolve));
  const client = connect({ host: '127.0.0.1', port, ca, ...shown });
  try {
    return clientCertificateOf(await accepted);
  } finally {
    client.destroy();
    server.close();
  }
}

const issuedTo = (subject: string) =>
  pemOf(authority.issue({ commonName: subject, names: [], days: 1 }));

test('a certificate of a trusted authority names its common name, until it expires', async () => {
  const found = await seen(issuedTo('alice'));
  assert.equal(found?.commonName, 'alice');
  const hours = ((found?.expiresAt ?? 0) - Date.now()) / 3_600_000;
  assert.ok(hours > 23 && hours <= 24, `${hours}`);
});

test('a certificate of any other authority names nobody', async () => {
  const stranger = elsewhere.issue({ commonName: 'alice', names: [] });
  assert.equal(await seen(pemOf(stranger)), undefined);
  assert.equal(await seen({}), undefined);
});

test('a certificate with no common name, or with several, names nobody', async () => {
  assert.equal(await seen(issuedTo('alice/CN=root')), undefined);
  const nameless = pemOf(authority.issue({ subject: '/O=alice', names: [] }));
  assert.equal(await seen(nameless), undefined);
});
