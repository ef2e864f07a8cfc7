import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadConfig } from '../../src/config/server-config.js';

type Flags = Readonly<Record<string, string>>;

function loadAll(flags: Flags, file?: string) {
  const path: Flags = file === undefined ? {} : { 'config-file': 'etcd.yml' };
  const given = new Map(Object.entries({ ...path, ...flags }));
  return loadConfig({ flags: given, environment: {}, readFile: () => file ?? '' });
}

function load(flags: Flags, file?: string) {
  return loadAll(flags, file).config;
}

const https = 'https://localhost:4001';
const pair = { 'cert-file': 'a.crt', 'key-file': 'a.key' };
const files = { certFile: 'a.crt', keyFile: 'a.key', flagPrefix: '', minVersion: 'TLSv1.2' };
const nobodyAsked = { trustedCaFile: undefined, namesUsers: false, crlFile: undefined };

describe('TLS for clients', () => {
  test('is off without https', () => {
    assert.equal(load({}).clientTls, undefined);
    assert.equal(load({ 'cert-file': '', 'client-cert-auth': 'false' }).clientTls, undefined);
  });

  test('takes its files from the flags', () => {
    const { clientTls, listenClientUrls, advertiseClientUrls } = load({
      'listen-client-urls': `${https},http://localhost:4002`,
      ...pair,
    });
    assert.deepEqual(clientTls, { ...files, ...nobodyAsked });
    assert.deepEqual(
      listenClientUrls.map(({ isSecure, port }) => [isSecure, port]),
      [
        [true, 4001],
        [false, 4002],
      ],
    );
    assert.deepEqual(advertiseClientUrls, [https, 'http://localhost:4002']);
  });

  test('is on where only the metrics are served by https', () => {
    const { clientTls } = load({ 'listen-metrics-urls': 'https://localhost:4009', ...pair });
    assert.deepEqual(clientTls, { ...files, ...nobodyAsked });
  });

  test('asks for certificates of clients with --trusted-ca-file, as etcd does', () => {
    const flags = { 'listen-client-urls': https, ...pair, 'trusted-ca-file': 'ca.crt' };
    for (const [more, namesUsers] of [
      [{}, false],
      [{ 'client-cert-auth': 'true' }, true],
    ] as const) {
      const { clientTls } = load({ ...flags, ...more });
      assert.equal(clientTls?.trustedCaFile, 'ca.crt');
      assert.equal(clientTls?.namesUsers, namesUsers, 'whose users are named by certificates');
    }
  });

  test('knows the lists of revoked certificates', () => {
    const trusting = { 'listen-client-urls': https, ...pair, 'trusted-ca-file': 'ca.crt' };
    assert.equal(load({ ...trusting, 'client-crl-file': 'a.crl' }).clientTls?.crlFile, 'a.crl');
    const { peerTls } = load({ ...peers, ...peerPair, 'peer-crl-file': 'p.crl' });
    assert.equal(peerTls?.crlFile, 'p.crl');
  });

  test('begins at TLS 1.2, or at 1.3', () => {
    const flags = { 'listen-client-urls': https, ...pair, 'tls-min-version': 'TLS1.3' };
    assert.equal(load(flags).clientTls?.minVersion, 'TLSv1.3');
  });

  test('may be in a block of the file, as in etcd', () => {
    const block =
      'client-transport-security:\n  cert-file: a.crt\n  key-file: a.key\n  client-cert-auth: true\n' +
      '  trusted-ca-file: ca.crt\n';
    const { clientTls } = load({}, `listen-client-urls: ${https}\n${block}`);
    assert.deepEqual(clientTls, {
      ...{ ...files, trustedCaFile: 'ca.crt' },
      ...{ namesUsers: true, crlFile: undefined },
    });
    const empty = 'client-transport-security:\n  cert-file:\n  client-cert-auth: false\n';
    assert.equal(load({}, empty).clientTls, undefined);
    const flags = { 'cert-file': 'b.crt' };
    const both = load(flags, `listen-client-urls: ${https}\n${block}`);
    assert.equal(both.clientTls?.certFile, 'b.crt');
  });

  test('may be in the file under the names of the flags', () => {
    const lines = `listen-client-urls: ${https}\ncert-file: a.crt\nkey-file: a.key\n`;
    const { clientTls } = load({}, `${lines}trusted-ca-file: ca.crt\nclient-cert-auth: true\n`);
    assert.equal(clientTls?.trustedCaFile, 'ca.crt');
  });
});

const peers = {
  name: 'n1',
  'listen-peer-urls': 'https://127.0.0.1:7001',
  'initial-cluster': 'n1=https://127.0.0.1:7001,n2=https://n2.example:7001',
};
const peerPair = {
  'peer-cert-file': 'p.crt',
  'peer-key-file': 'p.key',
  'peer-trusted-ca-file': 'pca.crt',
};
const byHost = { allowedCommonName: undefined, allowedHostname: undefined };

describe('TLS between members', () => {
  test('is off without https', () => {
    assert.equal(load({}).peerTls, undefined);
  });

  test('takes its files from the flags, and the hosts as they are written', () => {
    const { peerTls, initialCluster } = load({ ...peers, ...peerPair });
    assert.deepEqual(peerTls, {
      certFile: 'p.crt',
      keyFile: 'p.key',
      trustedCaFile: 'pca.crt',
      crlFile: undefined,
      minVersion: 'TLSv1.2',
      flagPrefix: 'peer-',
      names: byHost,
    });
    const hosts = initialCluster.map(({ peerUrl }) => peerUrl.hostname);
    assert.deepEqual(hosts.toSorted(), ['127.0.0.1', 'n2.example']);
  });

  test('may go by a common name, or by one name for all', () => {
    const named = (flags: Flags) => load({ ...peers, ...peerPair, ...flags }).peerTls?.names;
    const one = { ...byHost, allowedCommonName: 'peer' };
    assert.deepEqual(named({ 'peer-cert-allowed-cn': 'peer' }), one);
    const other = { ...byHost, allowedHostname: 'peers.example' };
    assert.deepEqual(named({ 'peer-cert-allowed-hostname': 'peers.example' }), other);
  });

  test('may be in a block of the file, as in etcd', () => {
    const block =
      'peer-transport-security:\n  cert-file: p.crt\n  key-file: p.key\n' +
      '  client-cert-auth: true\n  trusted-ca-file: pca.crt\n  allowed-cn: peer\n';
    const { peerTls } = load(peers, block);
    assert.equal(peerTls?.trustedCaFile, 'pca.crt');
    assert.deepEqual(peerTls?.names, { allowedCommonName: 'peer', allowedHostname: undefined });
  });
});

describe('one sentence refuses', () => {
  const on = { 'listen-client-urls': https };
  const cases: readonly (readonly [Flags, string])[] = [
    [on, '--listen-client-urls https://localhost:4001 needs --cert-file'],
    [{ ...on, 'cert-file': 'a' }, '--listen-client-urls https://localhost:4001 needs --key-file'],
    [
      { 'listen-metrics-urls': 'https://localhost:4009' },
      '--listen-metrics-urls https://localhost:4009 needs --cert-file',
    ],
    [pair, '--cert-file has no use: no URL of --listen-client-urls begins with https://'],
    [
      { 'client-cert-auth': 'true' },
      '--client-cert-auth has no use: no URL of --listen-client-urls begins with https://',
    ],
    [
      { ...on, ...pair, 'client-cert-auth': 'true' },
      '--client-cert-auth needs --trusted-ca-file: the authorities whose certificates clients may show',
    ],
    [
      { ...on, ...pair, 'client-crl-file': 'a.crl' },
      '--client-crl-file needs --trusted-ca-file: the authorities whose certificates clients may show',
    ],
    [
      { 'client-crl-file': 'a.crl' },
      '--client-crl-file has no use: no URL of --listen-client-urls begins with https://',
    ],
    [
      { 'peer-crl-file': 'a.crl' },
      '--peer-crl-file has no use: no URL of --listen-peer-urls begins with https://',
    ],
    [
      { ...on, ...pair, 'client-cert-auth': 'false', 'trusted-ca-file': 'ca' },
      '--client-cert-auth is false, but --trusted-ca-file makes clients show a certificate: leave one of the two out',
    ],
    [peers, '--listen-peer-urls https://127.0.0.1:7001 needs --peer-cert-file'],
    [
      { ...peers, 'peer-cert-file': 'a', 'peer-key-file': 'b' },
      '--listen-peer-urls https://127.0.0.1:7001 needs --peer-trusted-ca-file',
    ],
    [peerPair, '--peer-cert-file has no use: no URL of --listen-peer-urls begins with https://'],
    [
      { ...peers, ...peerPair, 'listen-peer-urls': 'http://127.0.0.1:7001' },
      '--initial-cluster has https://127.0.0.1:7001, but --listen-peer-urls has http://127.0.0.1:7001: all members speak TLS with each other, or none does',
    ],
    [
      { ...peers, ...peerPair, 'initial-cluster': 'n1=https://127.0.0.1:7001,n2=http://b:7001' },
      '--initial-cluster has http://b:7001, but --listen-peer-urls has https://127.0.0.1:7001: all members speak TLS with each other, or none does',
    ],
    [
      { ...peers, ...peerPair, 'peer-client-cert-auth': 'false' },
      '--peer-client-cert-auth must be true: each of two members shows the other its certificate',
    ],
    [
      { ...peers, ...peerPair, 'peer-cert-allowed-cn': 'a', 'peer-cert-allowed-hostname': 'b' },
      '--peer-cert-allowed-cn and --peer-cert-allowed-hostname: give one of the two',
    ],
    [{ 'client-cert-auth': 'yes' }, '--client-cert-auth must be true or false, not "yes"'],
    [
      { 'tls-min-version': 'TLS1.1' },
      '--tls-min-version must be one of TLS1.2, TLS1.3, not "TLS1.1"',
    ],
  ];
  for (const [flags, message] of cases) {
    test(JSON.stringify(flags), () => assert.throws(() => load(flags), { message }));
  }

  test('a block of the file that has something else', () => {
    const says = (file: string, message: string) =>
      assert.throws(() => load({}, file), { message });
    says(
      'client-transport-security: on\n',
      'client-transport-security in etcd.yml must consist of "key: value" lines',
    );
    says(
      'client-transport-security:\n  ca-file: x\n',
      'ca-file of client-transport-security in etcd.yml is not supported',
    );
    says(
      'client-transport-security:\n  cert-file: x\n',
      'cert-file of client-transport-security in etcd.yml has no use: no URL of --listen-client-urls begins with https://',
    );
  });
});

describe('--auto-tls', () => {
  const asked = { 'listen-client-urls': https, 'auto-tls': 'true' };
  const own = {
    certFile: 'default.conclave/fixtures/client/cert.pem',
    keyFile: 'default.conclave/fixtures/client/key.pem',
    trustedCaFile: undefined,
    minVersion: 'TLSv1.2',
    flagPrefix: '',
  };
  const local = ['localhost', '127.0.0.1', '::1'];

  test('has the member make its files in its data directory', () => {
    assert.deepEqual(load(asked).clientTls, { ...own, madeFor: local });
    assert.equal(
      load({ ...asked, 'data-dir': '/data' }).clientTls?.keyFile,
      '/data/fixtures/client/key.pem',
    );
    const block = 'client-transport-security:\n  auto-tls: true\n';
    assert.deepEqual(load({ 'listen-client-urls': https }, block).clientTls?.madeFor, local);
    assert.deepEqual(loadAll(asked).warnings, []);
  });

  test('has the certificate name all hosts at which the member may be asked', () => {
    const { clientTls } = load({
      ...asked,
      'listen-client-urls': 'https://0.0.0.0:4001,https://[2001:db8::1]:4001',
      'advertise-client-urls': 'https://n1.example:4001',
      'listen-metrics-urls': 'https://10.0.0.1:4009',
    });
    assert.deepEqual(clientTls?.madeFor, ['n1.example', '2001:db8::1', '10.0.0.1', ...local]);
  });

  test('has no effect beside a certificate, as in etcd, and the log says so', () => {
    const { config, warnings } = loadAll({ ...asked, ...pair });
    assert.deepEqual(config.clientTls, { ...files, ...nobodyAsked });
    assert.deepEqual(warnings, ['--auto-tls has no effect: a certificate is given']);
    assert.throws(() => load({ ...asked, 'cert-file': 'a.crt' }), /needs --key-file$/);
  });

  test('is refused where clients would have to show a certificate', () => {
    for (const more of [{ 'trusted-ca-file': 'ca.crt' }, { 'client-cert-auth': 'true' }]) {
      const [key] = Object.keys(more);
      assert.throws(() => load({ ...asked, ...more }), {
        message: `--${key} has no use beside --auto-tls: clients are not asked for certificates`,
      });
    }
    assert.ok(load({ ...asked, 'client-cert-auth': 'false' }).clientTls);
  });

  test('is refused without a URL that begins with https', () => {
    assert.throws(
      () => load({ 'auto-tls': 'true' }),
      /^ConfigError: --auto-tls has no use: no URL/,
    );
    assert.equal(load({ 'auto-tls': 'false' }).clientTls, undefined);
  });
});

describe('--peer-auto-tls', () => {
  const asked = { ...peers, 'peer-auto-tls': 'true' };

  test('has the member make its files, and takes anybody for a peer, which the log says', () => {
    const { config, warnings } = loadAll(asked);
    assert.equal(config.peerTls?.names, 'anybody');
    assert.equal(config.peerTls?.certFile, 'n1.conclave/fixtures/peer/cert.pem');
    assert.deepEqual(config.peerTls?.madeFor, ['127.0.0.1', 'localhost', '::1']);
    assert.match(warnings.join(), /^--peer-auto-tls: peers are not verified, and whoever/);
  });

  test('has no effect beside a certificate: peers are verified', () => {
    const { config, warnings } = loadAll({ ...asked, ...peerPair });
    assert.deepEqual(config.peerTls?.names, byHost);
    assert.deepEqual(warnings, ['--peer-auto-tls has no effect: a certificate is given']);
  });

  test('is refused beside what would verify peers, and without https', () => {
    for (const key of ['peer-trusted-ca-file', 'peer-cert-allowed-cn']) {
      assert.throws(() => load({ ...asked, [key]: 'a' }), /peer-auto-tls: peers are not verified$/);
    }
    assert.throws(() => load({ 'peer-auto-tls': 'true' }), /--peer-auto-tls has no use: no URL/);
  });
});
