import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ConfigError } from '../../src/config/config-error.js';
import { type EtcdFlag, etcdFlags } from '../../src/config/etcd-flags.js';
import { loadConfig } from '../../src/config/server-config.js';
import { settingKeys } from '../../src/config/settings.js';

function load(flags: Readonly<Record<string, string>>, file?: string) {
  const path = file === undefined ? {} : { 'config-file': 'etcd.yml' };
  return loadConfig({
    flags: new Map(Object.entries({ ...path, ...flags })),
    environment: {},
    readFile: () => file ?? assert.fail('no file was named'),
  });
}

/** A value that a start script may well have. */
function harmlessValue(flag: EtcdFlag): string {
  if (flag.type === 'refused') return flag.harmless;
  return flag.value === 'boolean' ? 'true' : '5';
}

describe('each flag of etcd that is no setting', () => {
  for (const [name, flag] of etcdFlags) {
    test(`--${name} is accepted with one log line`, () => {
      const { warnings } = load({ [name]: harmlessValue(flag) });
      assert.deepEqual(warnings, [`--${name} has no effect: ${flag.reason}`]);
    });
    if (flag.type === 'ignored') continue;
    test(`--${name} is refused, with the reason, when it asks for what is missing`, () => {
      const asking = { true: 'false', false: 'true' }[flag.harmless] ?? 'http://127.0.0.1:9';
      const right = flag.harmless === '' ? 'left out' : flag.harmless;
      assert.throws(() => load({ [name]: asking }), {
        name: ConfigError.name,
        message: `--${name} must be ${right}: ${flag.reason}`,
      });
    });
  }

  test('may be in the file, where a boolean has no quotation marks', () => {
    const { config, warnings } = load({}, 'name: n1\nenable-v2: true\nwal-dir:\nmax-wals: 5\n');
    assert.equal(config.name, 'n1');
    assert.deepEqual(
      warnings.map((line) => line.split(' has')[0]),
      ['max-wals in etcd.yml', 'enable-v2 in etcd.yml'],
    );
    assert.throws(
      () => load({}, 'enable-v2: false'),
      /^ConfigError: enable-v2 in etcd.yml must be t/,
    );
  });

  test('may be in the sections of the file, and keys without a value count as unset', () => {
    const security = ['cert-file', 'key-file', 'trusted-ca-file'].map((key) => `  ${key}:\n`);
    const section = `${security.join('')}  client-cert-auth: false\n  auto-tls: false\n`;
    const unset = 'data-dir:\ncors:\ninitial-cluster:\ndiscovery:\n';
    const client = `client-transport-security:\n${section}`;
    const peer = `peer-transport-security:\n${section}`;
    const { config, warnings } = load({}, `${unset}${client}${peer}`);
    assert.equal(config.dataDir, load({}).config.dataDir);
    assert.deepEqual(warnings, []);
    assert.equal(load({}, 'client-transport-security:\n').warnings.length, 0);
    const asks = 'peer-transport-security:\n  auto-tls: true';
    assert.throws(
      () => load({}, asks),
      /^ConfigError: auto-tls of peer-transport-security in etcd.yml has no use/,
    );
    const unknown = 'client-transport-security:\n  certfile: x';
    assert.throws(
      () => load({}, unknown),
      /certfile of client-transport-security in etcd.yml is not supported/,
    );
  });

  test('has Go’s words for booleans, and no others', () => {
    for (const text of ['1', 't', 'T', 'TRUE', 'true', 'True']) load({ 'enable-v2': text });
    for (const text of ['0', 'f', 'F', 'FALSE', 'false', 'False']) load({ debug: text });
    assert.throws(
      () => load({ 'enable-v2': 'yes' }),
      /--enable-v2 must be true or false, not "yes"/,
    );
  });

  test('is no setting', () => {
    assert.deepEqual(
      settingKeys.filter((key) => etcdFlags.has(key)),
      [],
    );
  });
});

test('every flag in the help of etcd 3.4 is a setting, or is accepted or refused', (context) => {
  const { status, stdout, stderr } = spawnSync('etcd', ['--help'], { encoding: 'utf8' });
  if (status !== 0) {
    assert.equal(process.env['CI'], undefined, 'etcd must be installed here');
    return context.skip('etcd is not installed');
  }
  const names = [...`${stdout}${stderr}`.matchAll(/^\s+--([a-z0-9-]+) /gm)].map(
    (found) => found[1],
  );
  assert.ok(names.length > 70, `only ${names.length} flags were found`);
  const known = [...settingKeys, ...etcdFlags.keys()];
  assert.deepEqual(
    names.filter((name) => name !== undefined && !known.some((each) => each === name)),
    [],
  );
});

describe('docs/operations.md', () => {
  const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

  test('has every flag of etcd, what becomes of it, and why', () => {
    const rows = [...page.matchAll(/^\| `--[a-z0-9-]+` \| (?:no effect|refused) .*$/gm)];
    const expected = [...etcdFlags].map(([name, flag]) => `| \`--${name}\` | ${fateOf(flag)} |`);
    assert.deepEqual(
      rows.map(([row]) => row),
      expected,
    );
  });

  function fateOf(flag: EtcdFlag): string {
    if (flag.type === 'ignored') return `no effect | ${flag.reason}`;
    const harmless = flag.harmless === '' ? 'empty' : `\`${flag.harmless}\``;
    return `refused unless ${harmless} | ${flag.reason}`;
  }
});
