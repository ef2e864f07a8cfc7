import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { connect as connectSecurely } from 'node:tls';
import { LiveCredentials } from '../../src/tls/live-credentials.js';
import { PeerSecurity } from '../../src/tls/peer-security.js';
import type { PeerNames, PeerTlsFiles } from '../../src/tls/tls-files.js';
import { Random } from '../simulation/random.js';
import { Authority, type Issued, pemOf } from '../support/certificates.js';
import { transportSuite } from './conformance.js';
import { GrpcRig, silent } from './grpc-rig.js';
import { attackPeerPort } from './peer-port-attack.js';
import { start, startPair } from './rig.js';
import { alice, bob } from './samples.js';

const authority = new Authority();
const other = new Authority('another authority');
after(() => {
  authority[Symbol.dispose]();
  other[Symbol.dispose]();
});

const byHost: PeerNames = { allowedCommonName: undefined, allowedHostname: undefined };
const ofAlice = authority.issue({ commonName: 'alice', names: ['IP:127.0.0.1'] });
const ofBob = authority.issue({ commonName: 'bob', names: ['DNS:localhost'] });
const strangers = authority.issue({ commonName: 'carol', names: ['DNS:carol.example'] });

async function securityOf(
  issued: Issued,
  names: PeerTlsFiles['names'] = byHost,
  { wallNow = Date.now, crlFile }: { wallNow?: () => number; crlFile?: string } = {},
): Promise<PeerSecurity> {
  const files = {
    ...{ ...issued, crlFile },
    trustedCaFile: authority.caFile,
    minVersion: 'TLSv1.2',
    flagPrefix: 'peer-',
  } as const;
  const opened = await LiveCredentials.open({ files, wallNow, logger: silent });
  assert(opened.ok, opened.ok ? '' : opened.error);
  return new PeerSecurity(opened.value, names);
}

async function rigOf(one: Promise<PeerSecurity>, two: Promise<PeerSecurity>): Promise<GrpcRig> {
  const [ofOne, ofTwo] = await Promise.all([one, two]);
  return await GrpcRig.create({ refusedDelayMs: 200 }, (member) =>
    member === alice ? ofOne : ofTwo,
  );
}

describe('peers over gRPC and TLS', () =>
  transportSuite(() => rigOf(securityOf(ofAlice), securityOf(ofBob))));

/** Bob shows what he shows; neither finds the other, and Alice says why. */
async function neverJoins(rig: GrpcRig, says: RegExp): Promise<void> {
  const one = await start(rig, alice);
  const two = await start(rig, bob);
  const told = () => one.heard.refused.filter(({ by }) => by === 'self').map((r) => r.reason);
  await rig.until(() => told().length > 0, 'she refuses him');
  assert.match(told()[0] ?? '', says);
  await rig.until(() => two.heard.refused.some(({ by }) => by === 'peer'), 'he is told');
  await rig.pass(500);
  assert.deepEqual([one.heard.connected, two.heard.connected], [[], []]);
  assert.deepEqual([one.heard.lost, two.heard.lost], [[], []]);
}

describe('a peer never joins', () => {
  test('with a certificate of another authority', async () => {
    const issued = other.issue({ names: ['DNS:localhost'] });
    await using rig = await rigOf(securityOf(ofAlice), securityOf(issued));
    await neverJoins(rig, /^its certificate is of no authority in --peer-trusted-ca-file/);
    const lines = rig.logger.takeLines();
    const told = lines.filter(({ message }) => message === 'refused a connection of a peer');
    assert.match(JSON.stringify(told), /127\.0\.0\.1.*of no authority/);
  });

  test('with one that has expired', async () => {
    const issued = authority.issue({ names: ['DNS:localhost'], isExpired: true });
    const yesterday = () => Date.now() - 18 * 3_600_000;
    // Its own clock is late, or it would not start.
    const late = securityOf(issued, byHost, { wallNow: yesterday });
    await using rig = await rigOf(securityOf(ofAlice), late);
    await neverJoins(rig, /^its certificate has expired$/);
  });

  test('with one that is revoked', async () => {
    const issued = authority.issue({ names: ['DNS:localhost'] });
    const crlFile = authority.revoke('peers.crl', [issued]);
    await using rig = await rigOf(securityOf(ofAlice, byHost, { crlFile }), securityOf(issued));
    await neverJoins(rig, /^its certificate is revoked$/);
  });

  test('with that of another member', async () => {
    await using rig = await rigOf(securityOf(ofAlice), securityOf(ofAlice));
    await neverJoins(
      rig,
      /^its certificate names IP Address:127\.0\.0\.1, and not localhost, the host of its peer URL$/,
    );
  });

  test('with one of the same authority for somebody else', async () => {
    await using rig = await rigOf(securityOf(ofAlice), securityOf(strangers));
    await neverJoins(rig, /^its certificate names DNS:carol\.example, and not localhost/);
  });

  test('with another common name than the allowed one', async () => {
    const names = { allowedCommonName: 'alice', allowedHostname: undefined };
    await using rig = await rigOf(securityOf(ofAlice, names), securityOf(ofBob, names));
    await neverJoins(rig, /has the common name "bob", and --peer-cert-allowed-cn is "alice"$/);
  });

  test('without TLS', async () => {
    const secure = await securityOf(ofAlice);
    await using rig = await GrpcRig.create({ refusedDelayMs: 200 }, (member) =>
      member === alice ? secure : undefined,
    );
    const one = await start(rig, alice);
    const two = await start(rig, bob);
    await rig.until(() => one.heard.refused.length > 0, 'she refuses him');
    assert.match(one.heard.refused[0]?.reason ?? '', /^it does not speak TLS/);
    await rig.pass(500);
    assert.deepEqual([one.heard.connected, two.heard.connected], [[], []]);
  });
});

describe('a peer joins', () => {
  test('with one that is not among the revoked', async () => {
    const crlFile = authority.revoke('others.crl', [strangers]);
    const lists = { crlFile };
    await using rig = await rigOf(
      securityOf(ofAlice, byHost, lists),
      securityOf(ofBob, byHost, lists),
    );
    await startPair(rig);
  });

  test('with the allowed common name, whatever host it names', async () => {
    const names = { allowedCommonName: 'carol', allowedHostname: undefined };
    await using rig = await rigOf(securityOf(strangers, names), securityOf(strangers, names));
    await startPair(rig);
  });

  test('with the allowed hostname', async () => {
    const names = { allowedCommonName: undefined, allowedHostname: 'carol.example' };
    await using rig = await rigOf(securityOf(strangers, names), securityOf(strangers, names));
    await startPair(rig);
  });
});

describe('where anybody may be a peer', () => {
  test('two members with certificates of nobody else find each other', async () => {
    const stranger = securityOf(other.issue({ names: ['DNS:carol.example'] }), 'anybody');
    await using rig = await rigOf(securityOf(strangers, 'anybody'), stranger);
    await startPair(rig);
  });

  test('a member that verifies its peers refuses one that does not', async () => {
    const open = securityOf(other.issue({ names: ['DNS:localhost'] }), 'anybody');
    await using rig = await rigOf(securityOf(ofAlice), open);
    await neverJoins(rig, /^its certificate is of no authority/);
  });
});

describe('the peer address', () => {
  let rig: GrpcRig;
  before(async () => {
    rig = await rigOf(securityOf(ofAlice), securityOf(ofBob));
    await startPair(rig);
  });
  after(() => rig[Symbol.asyncDispose]());

  function closes(options: object): Promise<number> {
    const socket = connectSecurely({
      port: rig.ports.get(alice) ?? 0,
      host: '127.0.0.1',
      ca: pemOf({ certFile: authority.caFile, keyFile: authority.caFile }).cert,
      ALPNProtocols: ['h2'],
      ...options,
    });
    let bytes = 0;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      bytes += chunk.length;
    });
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    return new Promise((resolve) => socket.once('close', () => resolve(bytes)));
  }

  for (const [what, shown] of [
    ['no certificate', {}],
    ['one of another authority', pemOf(other.issue({ names: ['DNS:localhost'] }))],
  ] as const) {
    test(`sends nothing to whoever shows ${what}`, async () => {
      assert.equal(await closes(shown), 0);
    });
  }

  test('sends nothing in plain text', async () => {
    const socket = connect(rig.ports.get(alice) ?? 0, '127.0.0.1');
    let bytes = '';
    socket.on('error', () => {});
    socket.setEncoding('latin1').on('data', (chunk) => {
      bytes += chunk;
    });
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    // An alert of TLS is all that may come.
    assert.ok(bytes === '' || (bytes.length === 7 && bytes.charCodeAt(0) === 21), bytes);
  });

  test('is not changed by strangers who send whatever they like', async () => {
    const port = rig.ports.get(alice) ?? 0;
    await attackPeerPort(port, alice, 500, new Random(2, 'peer port'), pemOf(strangers));
  });

  test('goes on', async () => {
    await rig.until(
      () =>
        rig.opened.every((transport) =>
          [...transport.contacts().values()].every((c) => c.reachable),
        ),
      'both are reachable',
    );
  });
});
