import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError } from '../../src/config/config-error.js';
import { loadConfig, type ServerConfig } from '../../src/config/server-config.js';

interface Sources {
  readonly flags?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly file?: string;
}

function load({ flags = {}, environment = {}, file }: Sources) {
  const path = file === undefined ? {} : { 'config-file': 'conclave.yml' };
  return loadConfig({
    flags: new Map(Object.entries({ ...path, ...flags })),
    environment,
    readFile: (name) => {
      if (name === 'conclave.yml' && file !== undefined) return file;
      const error = new Error(`ENOENT: no such file or directory, open '${name}'`);
      throw Object.assign(error, { code: name === 'folder' ? 'EISDIR' : 'ENOENT' });
    },
  });
}

function configOf(sources: Sources): ServerConfig {
  return load(sources).config;
}

function withFlags(flags: Readonly<Record<string, string>>): ServerConfig {
  return configOf({ flags });
}

function refusal(sources: Sources): string {
  try {
    load(sources);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    assert.ok(!error.message.includes('\n'), `more than one line: ${error.message}`);
    return error.message;
  }
  assert.fail('nothing was refused');
}

const three = 'n1=http://10.0.0.1:7001,n2=http://10.0.0.2:7001,n3=http://10.0.0.3:7001';
const onAnyInterface = { 'listen-peer-urls': 'http://0.0.0.0:7001' };

describe('defaults', () => {
  test('a member without settings is a cluster of one, on 4001 and 7001', () => {
    const config = configOf({});
    assert.equal(config.name, 'default');
    assert.equal(config.dataDir, 'default.conclave');
    assert.deepEqual(config.listenClientUrls, [
      {
        url: 'http://localhost:4001',
        isSecure: false,
        hostname: 'localhost',
        host: '127.0.0.1',
        port: 4001,
      },
    ]);
    assert.deepEqual(config.advertiseClientUrls, ['http://localhost:4001']);
    assert.equal(config.listenPeerUrl.port, 7001);
    assert.deepEqual(
      config.initialCluster.map(({ name, peerUrl }) => [name, peerUrl.url]),
      [['default', 'http://localhost:7001']],
    );
    assert.equal(config.heartbeatIntervalMs, 100);
    assert.equal(config.electionTimeoutMs, 1000);
    assert.equal(config.snapshotCount, 10_000);
    assert.equal(config.maxRequestBytes, 1_572_864);
    assert.equal(config.requestTimeoutMs, 3000);
    assert.equal(config.logLevel, 'info');
    assert.deepEqual(config.corsOrigins, []);
    assert.deepEqual(config.hosts, ['*']);
    assert.equal(config.maxWaitingRequests, undefined);
  });

  test('the data directory follows the name', () => {
    assert.equal(withFlags({ name: 'n7' }).dataDir, 'n7.conclave');
  });
});

describe('precedence', () => {
  const file = 'heartbeat-interval: 20\nelection-timeout: 1020\nsnapshot-count: 20\n';
  const environment = {
    CONCLAVE_HEARTBEAT_INTERVAL: '30',
    CONCLAVE_ELECTION_TIMEOUT: '1030',
  };

  test('a flag wins over the environment, that over the file, and that over the default', () => {
    const config = configOf({ flags: { 'heartbeat-interval': '40' }, environment, file });
    assert.equal(config.heartbeatIntervalMs, 40);
    assert.equal(config.electionTimeoutMs, 1030);
    assert.equal(config.snapshotCount, 20);
    assert.equal(config.requestTimeoutMs, 3000);
  });

  test('a variable that is set to nothing counts as not set', () => {
    assert.equal(configOf({ environment: { CONCLAVE_NAME: '' } }).name, 'default');
  });

  test('the form of the log is text or json, or left to where the log goes', () => {
    assert.equal(configOf({}).logFormat, undefined);
    assert.equal(configOf({ environment: { CONCLAVE_LOG_FORMAT: 'text' } }).logFormat, 'text');
    assert.throws(
      () => configOf({ flags: { 'log-format': 'xml' } }),
      /--log-format must be one of text, json, not "xml"/,
    );
  });

  test('the file can be named in the environment', () => {
    const sources = { environment: { CONCLAVE_CONFIG_FILE: 'conclave.yml' }, file: 'name: n3' };
    const { config } = loadConfig({
      flags: new Map(),
      environment: sources.environment,
      readFile: () => sources.file,
    });
    assert.equal(config.name, 'n3');
  });
});

describe('the file', () => {
  test('takes lists and mappings where the flags take commas', () => {
    const config = configOf({
      file: [
        'name: n1',
        'listen-client-urls: ["http://10.0.0.1:4001", "http://127.0.0.1:4001"]',
        'listen-peer-urls: http://10.0.0.1:7001',
        'initial-cluster:',
        '  n1: http://10.0.0.1:7001',
        '  n2: http://10.0.0.2:7001',
      ].join('\n'),
    });
    assert.equal(config.listenClientUrls.length, 2);
    assert.deepEqual(config.initialCluster.map(({ name }) => name).sort(), ['n1', 'n2']);
  });

  test('an empty file sets nothing', () => {
    assert.equal(configOf({ file: '' }).name, 'default');
  });

  const refused = [
    { file: 'nmae: n1', says: 'conclave.yml: unknown key "nmae" (did you mean name?)' },
    { file: '- name', says: 'conclave.yml must consist of "key: value" lines' },
    { file: 'name: true', says: 'name in conclave.yml has no value that could be used: true' },
    {
      file: 'heartbeat-interval: 1',
      says: 'heartbeat-interval in conclave.yml must be a whole number of milliseconds from 10 to 5000, not "1"',
    },
  ];
  for (const { file, says } of refused) {
    test(`is refused with its name: ${JSON.stringify(file)}`, () => {
      assert.equal(refusal({ file }), says);
    });
  }

  for (const [path, says] of [
    ['other.yml', '--config-file other.yml cannot be read: there is no such file'],
    ['folder', '--config-file folder cannot be read: it is a directory'],
    ['', '--config-file must name a file'],
  ] as const) {
    test(`that cannot be read is refused with the reason: ${JSON.stringify(path)}`, () => {
      assert.equal(refusal({ flags: { 'config-file': path } }), says);
    });
  }
});

describe('refused, with one line that names the setting and where it came from', () => {
  const cases: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
    [{ name: '' }, /^--name must be 1 to 128 characters.*not ""$/],
    [{ name: 'a=b' }, /^--name must be 1 to 128 characters.*not "a=b"$/],
    [{ name: 'a b' }, /^--name must be/],
    [{ 'data-dir': '' }, /^--data-dir must not be empty/],
    [{ 'heartbeat-interval': '9' }, /^--heartbeat-interval must be .* from 10 to 5000, not "9"$/],
    [{ 'heartbeat-interval': '5001' }, /from 10 to 5000, not "5001"$/],
    [{ 'heartbeat-interval': '100ms' }, /^--heartbeat-interval must be a whole number of mill/],
    [{ 'heartbeat-interval': '1e2' }, /not "1e2"$/],
    [{ 'election-timeout': '50001' }, /^--election-timeout must be .* to 50000, not "50001"$/],
    [{ 'election-timeout': '499' }, /^--election-timeout: .*\(499 ms\).*five.*\(of 100 ms\)$/],
    [{ 'heartbeat-interval': '201' }, /^--heartbeat-interval: .*\(1000 ms\).*\(of 201 ms\)$/],
    [{ 'snapshot-count': '9' }, /^--snapshot-count must be a whole number of entries from 10 to/],
    [{ 'max-request-bytes': '1023' }, /^--max-request-bytes must be .* bytes from 1024 to/],
    [{ 'request-timeout': '0' }, /^--request-timeout must be .* milliseconds from 100 to/],
    [
      { 'log-level': 'loud' },
      /^--log-level must be one of debug, info, warn, error, fatal, panic, not "loud"$/,
    ],
    [{ 'initial-cluster-state': 'old' }, /^--initial-cluster-state must be one of new, existing/],
    [{ cors: 'example.com' }, /^--cors is wrong: "example.com" is not an origin like/],
    [{ 'host-whitelist': 'a:80' }, /^--host-whitelist is wrong: "a:80" is not a host name/],
    [{ 'host-whitelist': ',' }, /^--host-whitelist must name at least one host/],
    [{ 'max-waiting-requests': '0' }, /^--max-waiting-requests must be .* requests from 1 to/],
    [
      { 'listen-client-urls': 'http://a' },
      /"http:\/\/a" is not of the form http:\/\/host:port or h/,
    ],
    [{ 'listen-client-urls': 'http://a:1/x' }, /is not of the form http:\/\/host:port or h/],
    [{ 'listen-client-urls': 'http://a:65536' }, /is not of the form http:\/\/host:port or h/],
    [{ 'listen-client-urls': 'http://a:0' }, /names no port/],
    [{ 'listen-client-urls': 'http://[fe80::1%eth0]:1' }, /"http:\S+" is a link-local address, wh/],
    [
      { 'listen-client-urls': 'http://[fe80::1%25eth0]:1' },
      /take another address, or a host name$/,
    ],
    [{ 'listen-client-urls': 'http://[FEBF::1]:1' }, /is a link-local address/],
    [{ 'listen-client-urls': ' , ' }, /^--listen-client-urls must name at least one URL/],
    [
      { 'listen-peer-urls': 'http://a:1,http://b:1' },
      /^--listen-peer-urls must be exactly one URL/,
    ],
    [{ 'listen-peer-urls': 'http://localhost:4001' }, /^--listen-peer-urls: clients are served at/],
    [{ 'listen-client-urls': 'http://0.0.0.0:4001' }, /^--advertise-client-urls is needed beside/],
    [{ 'listen-peer-urls': 'http://[::]:7001' }, /^--initial-advertise-peer-urls is needed beside/],
    [{ 'advertise-client-urls': 'http://0.0.0.0:1' }, /^--advertise-client-urls: nobody can conn/],
    [{ 'initial-advertise-peer-urls': 'http://[::]:1' }, /^--initial-advertise-peer-urls: nobody/],
    [
      { 'initial-cluster': three },
      /^--initial-cluster must contain this member: .*"default".*n1, /,
    ],
    [{ 'initial-cluster': 'n1' }, /^--initial-cluster is wrong: "n1" is not of the form NAME=URL$/],
    [{ 'initial-cluster': 'n1=b:1' }, /^--initial-cluster is wrong: "b:1" is not of the form http/],
    [{ 'initial-cluster': ',' }, /^--initial-cluster must name at least this member/],
    [{ 'initial-cluster': 'a=http://x:1,a=http://x:2' }, /names "a" twice: a member has one peer/],
    [{ 'initial-cluster': 'a=http://x:1,b=http://x:1' }, /gives "a" and "b" the same URL$/],
    [{ 'initial-cluster-token': '' }, /^--initial-cluster-token must not be empty/],
    [{ name: 'n1', 'initial-cluster': three }, /can be reached from this host only, but the peers/],
    [
      {
        name: 'n1',
        'initial-cluster': three,
        'initial-advertise-peer-urls': 'http://10.0.0.9:7001',
      },
      /says http:\/\/10\.0\.0\.9:7001, but --initial-cluster says http:\/\/10\.0\.0\.1:7001 for "n1"$/,
    ],
  ];
  for (const [flags, says] of cases) {
    test(JSON.stringify(flags), () => assert.match(refusal({ flags }), says));
  }

  test('an error about the environment names the variable', () => {
    const message = refusal({ environment: { CONCLAVE_LOG_LEVEL: 'loud' } });
    assert.match(message, /^CONCLAVE_LOG_LEVEL must be one of/);
  });
});

describe('the ends of each range are in it', () => {
  const ends: readonly Readonly<Record<string, string>>[] = [
    { 'heartbeat-interval': '10', 'election-timeout': '50' },
    { 'heartbeat-interval': '5000', 'election-timeout': '50000' },
    { 'heartbeat-interval': '200', 'election-timeout': '1000' },
    { 'snapshot-count': '10' },
    { 'max-request-bytes': '1024' },
    { 'request-timeout': '100' },
  ];
  for (const flags of ends) {
    test(JSON.stringify(flags), () => assert.ok(withFlags(flags)));
  }
});

test('the level panic of etcd is one at which nothing is logged', () => {
  assert.equal(withFlags({ 'log-level': 'panic' }).logLevel, 'fatal');
  assert.equal(withFlags({ 'log-level': 'fatal' }).logLevel, 'fatal');
});

describe('identity', () => {
  const member = (name: string, more: Readonly<Record<string, string>> = {}) =>
    withFlags({ name, 'initial-cluster': three, ...onAnyInterface, ...more });

  test('every member derives the same ids for all, whatever the order in which they are named', () => {
    const reversed = three.split(',').reverse().join(',');
    const other = member('n2', { 'initial-cluster': reversed });
    assert.equal(member('n1').clusterId, other.clusterId);
    assert.deepEqual(member('n1').initialCluster, other.initialCluster);
    assert.match(member('n1').clusterId, /^[0-9a-f]{16}$/);
  });

  test('a member is known by its name, not by its address', () => {
    const moved = three.replace('10.0.0.1', '10.0.0.9');
    assert.equal(member('n1').memberId, member('n1', { 'initial-cluster': moved }).memberId);
    assert.notEqual(member('n1').memberId, member('n2').memberId);
  });

  test('another token makes another cluster of other members', () => {
    const other = member('n1', { 'initial-cluster-token': 'other' });
    assert.notEqual(other.clusterId, member('n1').clusterId);
    assert.notEqual(other.memberId, member('n1').memberId);
  });

  test('the ids stay what they are: they are on the disks of clusters that run', () => {
    assert.equal(member('n1').memberId, '00a2b2ae35993d9f');
    assert.equal(member('n1').clusterId, '7555f5f9cefa5898');
  });
});

describe('addresses', () => {
  test('localhost is 127.0.0.1, and an IPv6 address loses its brackets', () => {
    const urls = 'http://LOCALHOST:1,http://[::1]:2/,http://10.0.0.1:3';
    assert.deepEqual(withFlags({ 'listen-client-urls': urls }).listenClientUrls, [
      {
        url: 'http://LOCALHOST:1',
        isSecure: false,
        hostname: 'LOCALHOST',
        host: '127.0.0.1',
        port: 1,
      },
      { url: 'http://[::1]:2', isSecure: false, hostname: '::1', host: '::1', port: 2 },
      {
        url: 'http://10.0.0.1:3',
        isSecure: false,
        hostname: '10.0.0.1',
        host: '10.0.0.1',
        port: 3,
      },
    ]);
  });

  test('peers get the address in --initial-cluster by default', () => {
    const config = withFlags({ name: 'n2', 'initial-cluster': three, ...onAnyInterface });
    assert.equal(config.initialAdvertisePeerUrl, 'http://10.0.0.2:7001');
  });

  test('origins for --cors may be listed, or all be allowed', () => {
    const origins = ['http://a.example', 'https://b.example:8443'];
    assert.deepEqual(withFlags({ cors: origins.join(',') }).corsOrigins, origins);
    assert.deepEqual(withFlags({ cors: '*' }).corsOrigins, ['*']);
  });

  test('hosts for --host-whitelist are names or addresses', () => {
    const hosts = ['a.example', '10.0.0.1', '[::1]'];
    assert.deepEqual(withFlags({ 'host-whitelist': hosts.join(',') }).hosts, hosts);
  });
});

test('a variable that looks like a setting and is none is a warning, and no other is', () => {
  const environment = {
    CONCLAVE_DATADIR: 'x',
    CONCLAVE_PORT_4001_TCP_ADDR: '10.0.0.1',
    CONCLAVE_NAME: 'n1',
    // What the other commands take may stay where a member is started.
    CONCLAVE_ENDPOINTS: 'http://127.0.0.1:4001',
    CONCLAVE_USER: 'ann',
    CONCLAVE_CACERT: 'ca.crt',
    CONCLAVE_CERT: 'own.crt',
    CONCLAVE_CERT_KEY: 'own.key',
    PATH: '/bin',
  };
  assert.deepEqual(load({ environment }).warnings, [
    'CONCLAVE_DATADIR is not a setting (did you mean CONCLAVE_DATA_DIR?): ignored',
    'CONCLAVE_PORT_4001_TCP_ADDR is not a setting: ignored',
  ]);
});

describe('the addresses of the metrics', () => {
  test('are none by default, and as many as are named', () => {
    assert.deepEqual(withFlags({}).listenMetricsUrls, []);
    const urls = 'http://127.0.0.1:9101,http://[::1]:9101';
    const { listenMetricsUrls } = withFlags({ 'listen-metrics-urls': urls });
    assert.deepEqual(
      listenMetricsUrls.map(({ host, port }) => [host, port]),
      [
        ['127.0.0.1', 9101],
        ['::1', 9101],
      ],
    );
  });

  test('are not those of clients or peers', () => {
    for (const url of ['http://localhost:4001', 'http://localhost:7001']) {
      assert.equal(
        refusal({ flags: { 'listen-metrics-urls': url } }),
        `--listen-metrics-urls: ${url} is taken already`,
      );
    }
  });
});
