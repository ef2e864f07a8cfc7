import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { describe, test } from 'node:test';
import { connect, TLSSocket } from 'node:tls';
import { type SelfSigned, selfSigned } from '../../src/tls/self-signed.js';

const hosts = ['n1.example', 'localhost', '10.0.0.1', '::1', '2001:db8::a:0:1', '::ffff:10.0.0.9'];
const now = Date.parse('2026-03-01T09:30:15.045Z');

describe('a self-signed certificate', () => {
  const made = selfSigned(hosts, now);
  const certificate = new X509Certificate(made.cert);

  test('is signed with its own key, as its own issuer', () => {
    assert.ok(certificate.verify(certificate.publicKey));
    assert.ok(certificate.checkPrivateKey(createPrivateKey(made.key)));
    assert.equal(certificate.issuer, certificate.subject);
    assert.match(certificate.subject, /^CN=conclave [0-9a-f]{32}$/);
    assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  });

  test('names all hosts, and no others', () => {
    for (const host of hosts) {
      const isNamed = host.includes(':') || /^[\d.]+$/.test(host);
      assert.ok(isNamed ? certificate.checkIP(host) : certificate.checkHost(host), host);
    }
    assert.equal(certificate.subjectAltName?.split(', ').length, hosts.length);
    assert.equal(certificate.checkIP('10.0.0.2'), undefined);
    assert.equal(certificate.checkHost('n2.example'), undefined);
  });

  test('is valid for a year, and for an hour before', () => {
    assert.equal(Date.parse(certificate.validFrom), Date.parse('2026-03-01T08:30:15Z'));
    assert.equal(Date.parse(certificate.validTo), Date.parse('2027-03-01T09:30:15Z'));
  });

  test('is for servers and clients, and for no authority', () => {
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    assert.equal(certificate.ca, false);
  });

  test('writes the times from 2050 on with four digits of the year', () => {
    const late = new X509Certificate(selfSigned(['a'], Date.parse('2049-12-31T12:00:00Z')).cert);
    assert.equal(Date.parse(late.validFrom), Date.parse('2049-12-31T11:00:00Z'));
    assert.equal(Date.parse(late.validTo), Date.parse('2050-12-31T12:00:00Z'));
  });

  test('differs from every other in serial number, name and key', () => {
    const other = new X509Certificate(selfSigned(hosts, now).cert);
    assert.notEqual(other.serialNumber, certificate.serialNumber);
    assert.notEqual(other.subject, certificate.subject);
    assert.ok(!other.verify(certificate.publicKey));
  });

  test('can be written for as many hosts as a member may have', () => {
    const many = Array.from({ length: 2000 }, (_, at) => `host-${at}.example`);
    const { subjectAltName } = new X509Certificate(selfSigned(many, now).cert);
    assert.equal(subjectAltName?.split(', ').length, many.length);
  });
});

test('openssl reads it, finds no fault in it, and trusts it by itself', () => {
  const folder = mkdtempSync(join(tmpdir(), 'conclave-test-'));
  try {
    const path = join(folder, 'cert.pem');
    // A serial number that is written wrong would be so in one of several.
    for (let round = 0; round < 5; round += 1) {
      writeFileSync(path, selfSigned(hosts, Date.now()).cert);
      const run = (...args: readonly string[]) =>
        execFileSync('openssl', args, { encoding: 'utf8' });
      const text = run('x509', '-in', path, '-noout', '-text');
      assert.match(text, /Version: 3 \(0x2\)/);
      assert.match(text, /Signature Algorithm: ecdsa-with-SHA256/);
      assert.match(text, /Basic Constraints: critical\s+CA:FALSE/);
      assert.match(text, /X509v3 Key Usage: critical\s+Digital Signature\n/);
      assert.match(text, /TLS Web Server Authentication, TLS Web Client Authentication/);
      assert.match(text, /DNS:n1\.example, DNS:localhost, IP Address:10\.0\.0\.1, IP Address:0:0:/);
      for (const purpose of ['sslserver', 'sslclient']) {
        const said = run('verify', '-x509_strict', '-purpose', purpose, '-CAfile', path, path);
        assert.match(said, /: OK\n$/);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('a client that trusts the certificate', () => {
  const made = selfSigned(hosts, Date.now());

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`shakes hands by ${version}`, async () => {
      const { protocol } = await shakeHands(made, 'n1.example', made.cert, version);
      assert.equal(protocol, version);
    });
  }

  test('refuses it for a host that it does not name', async () => {
    const { error } = await shakeHands(made, 'n2.example', made.cert, 'TLSv1.3');
    assert.equal(error?.code, 'ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('refuses another', async () => {
    const other = selfSigned(hosts, Date.now());
    const { error } = await shakeHands(other, 'n1.example', made.cert, 'TLSv1.3');
    assert.equal(error?.code, 'DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  test('finds it among others', async () => {
    const others = [1, 2].map(() => selfSigned(hosts, Date.now()).cert);
    const ca = [...others, made.cert].join('');
    const { protocol } = await shakeHands(made, 'localhost', ca, 'TLSv1.3');
    assert.equal(protocol, 'TLSv1.3');
  });
});

interface Handshake {
  /** Undefined when it failed. */
  readonly protocol: string | undefined;
  readonly error: NodeJS.ErrnoException | undefined;
}

/** Without a network: two ends in this process. */
function shakeHands(
  { cert, key }: SelfSigned,
  servername: string,
  ca: string,
  version: 'TLSv1.2' | 'TLSv1.3',
): Promise<Handshake> {
  const [one, two] = ends();
  const server = new TLSSocket(one as Socket, { isServer: true, cert, key });
  server.on('error', () => {});
  const versions = { minVersion: version, maxVersion: version };
  const client = connect({ socket: two, servername, ca, ...versions });
  return new Promise((resolve) => {
    const end = (error: NodeJS.ErrnoException | undefined) => {
      resolve({ protocol: error ? undefined : (client.getProtocol() ?? ''), error });
      client.destroy();
      server.destroy();
    };
    client.once('secureConnect', () => end(undefined)).on('error', end);
  });
}

function ends(): readonly [Duplex, Duplex] {
  const make = (other: () => Duplex) =>
    new Duplex({
      read: () => {},
      write: (chunk, _encoding, done) => {
        other().push(chunk);
        done();
      },
      final: (done) => {
        other().push(null);
        done();
      },
    });
  const one: Duplex = make(() => two);
  const two: Duplex = make(() => one);
  return [one, two];
}
