import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { Program } from '../programs/program.js';
import { Authority } from '../support/certificates.js';
import { asBuilt } from './real-cluster.js';
import { SecureCluster } from './secure-cluster.js';
import { until } from './until.js';

test('three members by TLS forward requests, and survive the loss of their leader', async () => {
  await using secure = await SecureCluster.start();
  await secure.serves();
  const leader = await secure.leader();
  const [follower = '', other = ''] = secure.names.filter((name) => name !== leader);
  const put = await secure.ask('PUT', follower, '/v2/keys/a', 'value=1');
  assert.equal(put.status, 201);
  const lock = await secure.ask('POST', follower, '/mod/v2/lock/a?ttl=60');
  assert.equal(lock.status, 200);
  await secure.cluster.kill(leader);
  const written = async () =>
    (await secure.ask('PUT', other, '/v2/keys/a', 'value=2')).status === 200;
  await until(written, 'the others go on', 30_000);
  const holder = await secure.ask('GET', follower, '/mod/v2/lock/a?field=index');
  assert.equal(holder.body, lock.body);
  await secure.cluster.restart(leader);
  await secure.serves();
  assert.match((await secure.ask('GET', leader, '/v2/keys/a')).body, /"value":"2"/);
});

test('a member with a certificate of another authority never joins, and says so', async () => {
  using elsewhere = new Authority('elsewhere');
  await using secure = await SecureCluster.start({
    issuedTo: (name, authority) =>
      (name === 'node3' ? elsewhere : authority).issue({ commonName: name }),
  });
  await secure.serves(['node1', 'node2']);
  const told = () =>
    secure.logLines('node3').find(({ msg, reason }) => msg === 'refused by a peer' && reason);
  await until(() => told() !== undefined, 'it says so', 30_000);
  assert.match(String(told()?.['reason']), /^its certificate is not accepted/);
  const refused = secure
    .logLines('node1')
    .find(({ msg, reason }) => msg === 'peer is refused' && /of no authority/.test(`${reason}`));
  assert.equal(refused?.['peer'], 'node3');
  const { body } = await secure.ask('GET', 'node1', '/v2/stats/cluster');
  const known: readonly { name: string; reachable: boolean }[] = JSON.parse(body).members;
  assert.equal(known.find(({ name }) => name === 'node3')?.reachable, false);
});

test('three members that make their own certificates serve by TLS', async () => {
  await using secure = await SecureCluster.start({ isAutomatic: true });
  await secure.serves();
  const [first = '', second = '', third = ''] = secure.names;
  const lock = await secure.ask('POST', first, '/mod/v2/lock/a?ttl=60');
  assert.equal(lock.status, 200);
  const holder = await secure.ask('GET', second, '/mod/v2/lock/a?field=index');
  assert.equal(holder.body, lock.body);
  assert.equal((await secure.ask('PUT', third, '/v2/keys/a', 'value=1')).status, 201);
  const { body } = await secure.ask('GET', first, '/v2/stats/cluster');
  const known: readonly { reachable: boolean }[] = JSON.parse(body).members;
  assert.deepEqual(
    known.map(({ reachable }) => reachable),
    [true, true, true],
  );
  for (const name of secure.names) {
    const made = secure.logLines(name).filter(({ msg }) => /^made a self-signed/.test(msg));
    assert.equal(made.length, 2, `${name} made one for clients, and one for peers`);
  }
});

/** The serial number of the certificate that a member shows to a new client. */
function shownBy(secure: SecureCluster, name: string): Promise<string> {
  const { hostname, port } = new URL(secure.url(name));
  const { ca } = secure;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), ca, ...secure.shown }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

test('certificates that are replaced under load drop no request and no holder', async () => {
  await using secure = await SecureCluster.start();
  await secure.serves();
  const holder = await secure.ask('POST', 'node1', '/mod/v2/lock/a?ttl=600');
  let running = true;
  const statuses = new Map<number, number>();
  const load = secure.names.map(async (name) => {
    for (let round = 0; running; round += 1) {
      // Every third comes by a connection of its own.
      const how = round % 3 === 0 ? { isAlone: true } : {};
      const { status } = await secure.ask('PUT', name, `/v2/keys/${name}`, `value=${round}`, how);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  });
  const before = await Promise.all(secure.names.map((name) => shownBy(secure, name)));
  for (const name of secure.names) secure.replace(name, secure.authority.issue());
  for (const { pid = 0 } of secure.cluster.status().nodes) process.kill(pid, 'SIGHUP');
  for (const [position, name] of secure.names.entries()) {
    const isNew = async () => (await shownBy(secure, name)) !== before[position];
    await until(isNew, `${name} shows its new certificate`, 30_000);
  }
  const broken = secure.issued.get('node2')?.certFile ?? '';
  writeFileSync(broken, 'no certificate');
  const refused = () =>
    secure.logLines('node2').some(({ msg }) => /^new certificates refused/.test(msg));
  await until(refused, 'the broken one is refused', 60_000);
  assert.equal((await shownBy(secure, 'node2')).length > 0, true);
  running = false;
  await Promise.all(load);
  assert.deepEqual([...statuses.keys()].toSorted(), [200, 201], JSON.stringify([...statuses]));
  const still = await secure.ask('GET', 'node3', '/mod/v2/lock/a?field=index');
  assert.equal(still.body, holder.body);
  const { body } = await secure.ask('GET', 'node1', '/v2/stats/cluster');
  const known: readonly { reachable: boolean }[] = JSON.parse(body).members;
  assert.deepEqual(
    known.map(({ reachable }) => reachable),
    [true, true, true],
  );
});

test('a member joins by a client URL, and trusts there whom it trusts as a server', async () => {
  await using secure = await SecureCluster.start();
  await secure.serves();
  const [clientPort = 0, peerPort = 0] = await freePorts(2);
  const url = `https://127.0.0.1:${clientPort}`;
  const peerUrl = `https://127.0.0.1:${peerPort}`;
  const { caFile } = secure.authority;
  const { certFile, keyFile } = secure.client;
  const shown = ['--cacert', caFile, '--cert', certFile, '--cert-key', keyFile];
  const endpoints = ['--endpoints', secure.url('node1')];
  await using adding = new Program(
    [...asBuilt, 'member', 'add', 'node4', peerUrl, ...endpoints, ...shown],
    {},
  );
  assert.equal(await adding.ends(30_000), 0, adding.output);
  const joins = (...flags: readonly string[]) =>
    new Program(
      [
        ...[...asBuilt, 'server', '--name', 'node4', '--data-dir', join(secure.dataDir, 'node4')],
        ...['--listen-client-urls', url, '--listen-peer-urls', peerUrl],
        ...['--initial-cluster-state', 'existing', '--join', secure.url('node1'), ...flags],
      ],
      {},
    );

  using elsewhere = new Authority('elsewhere');
  const foreign = elsewhere.issue();
  await using stranger = joins(
    ...['--cert-file', foreign.certFile, '--key-file', foreign.keyFile],
    ...['--trusted-ca-file', elsewhere.caFile],
    ...['--peer-cert-file', foreign.certFile, '--peer-key-file', foreign.keyFile],
    ...['--peer-trusted-ca-file', elsewhere.caFile, '--peer-client-cert-auth'],
  );
  assert.equal(await stranger.ends(30_000), 1, stranger.output);
  assert.match(stranger.output, /cannot join: .* does not answer: self-signed certificate/);

  await using member = joins(...secure.flagsWith(secure.authority.issue()));
  const isVoter = async () => {
    const { body } = await secure.ask('GET', 'node1', '/v2/members');
    const members: readonly { name: string; isLearner?: boolean }[] = JSON.parse(body).members;
    return members.some(({ name, isLearner }) => name === 'node4' && isLearner !== true);
  };
  await until(isVoter, `node4 is a voter: ${member.output}`, 60_000);
});
