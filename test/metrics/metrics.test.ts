import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiServer } from '../support/api-server.js';

/** The values of one scrape, by name and labels. */
async function scrape(server: ApiServer): Promise<ReadonlyMap<string, number>> {
  const { status, body, headers } = await server.ask('GET', '/metrics');
  assert.equal(status, 200);
  assert.match(headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4/);
  const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))] as const;
    }),
  );
}

/** What the alerts and the board of etcd's mixin read of a server, but for its gRPC API. */
const readByMixin = [
  'etcd_server_has_leader',
  'etcd_server_leader_changes_seen_total',
  'etcd_server_proposals_committed_total',
  'etcd_server_proposals_applied_total',
  'etcd_server_proposals_pending',
  'etcd_server_proposals_failed_total',
  'etcd_disk_wal_fsync_duration_seconds',
  'etcd_disk_backend_commit_duration_seconds',
  'etcd_network_peer_sent_bytes_total',
  'etcd_network_peer_received_bytes_total',
  'etcd_network_peer_sent_failures_total',
  'etcd_network_peer_round_trip_time_seconds',
  'etcd_mvcc_db_total_size_in_bytes',
  'etcd_server_quota_backend_bytes',
];

test("all that etcd's alerts and board read is served, but for the gRPC API", async () => {
  await using server = await ApiServer.start();
  const { body } = await server.ask('GET', '/metrics');
  for (const name of readByMixin) assert.match(body, new RegExp(`^# TYPE ${name} `, 'm'));
});

test('every metric has a help text, and its name the unit that it has', async () => {
  await using server = await ApiServer.start();
  const { body } = await server.ask('GET', '/metrics');
  const types = [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  assert.ok(types.length > 35, `${types.length} metrics`);
  for (const [, name = '', type] of types) {
    assert.match(body, new RegExp(`^# HELP ${name} .{10,}$`, 'm'));
    if (type === 'counter') assert.match(name, /_total$/);
    if (type === 'histogram') assert.match(name, /_seconds$/);
  }
});

test('a lock changes the numbers of all locks, and no name is in them', async () => {
  await using server = await ApiServer.start();
  await server.ask('POST', '/mod/v2/lock/secret-name?ttl=60', 'value=ann');
  await server.ask('POST', '/mod/v2/lock/secret-name?ttl=60&timeout=0', 'value=bob');
  const values = await scrape(server);
  assert.equal(values.get('conclave_lock_holders{space="locks"}'), 1);
  assert.equal(values.get('conclave_lock_waiters{space="locks"}'), 0);
  assert.equal(values.get('conclave_lock_names{space="locks"}'), 1);
  assert.equal(values.get('conclave_lock_acquires_total{space="locks",result="held"}'), 1);
  assert.equal(values.get('conclave_lock_acquires_total{space="locks",result="refused"}'), 1);
  assert.equal(values.get('conclave_lock_wait_seconds_count{space="locks"}'), 1);
  assert.equal(values.get('conclave_lock_holders{space="elections"}'), 0);
  assert.doesNotMatch([...values.keys()].join(), /secret|ann|bob/);
});

test('a lock whose TTL ended is counted as expired', async () => {
  await using server = await ApiServer.start();
  await server.ask('POST', '/mod/v2/lock/door?ttl=5');
  server.clock.advance(5000);
  server.coordinator.expire();
  const values = await scrape(server);
  assert.equal(values.get('conclave_lock_expired_total{space="locks",role="holder"}'), 1);
  assert.equal(values.get('conclave_lock_ended_total{space="locks",reason="expired"}'), 1);
  assert.equal(values.get('conclave_lock_hold_seconds_count{space="locks"}'), 1);
});

test('requests are counted by API, method and status, and the keys have times', async () => {
  await using server = await ApiServer.start();
  await server.ask('PUT', '/v2/keys/a', 'value=1');
  await server.ask('GET', '/v2/keys/a');
  await server.ask('GET', '/v2/keys/none');
  await server.ask('PATCH', '/v2/keys/a');
  await server.ask('GET', '/version');
  const values = await scrape(server);
  const all = 'conclave_http_requests_total';
  assert.equal(values.get(`${all}{api="keys",method="PUT",code="201"}`), 1);
  assert.equal(values.get(`${all}{api="keys",method="GET",code="200"}`), 1);
  assert.equal(values.get(`${all}{api="keys",method="GET",code="404"}`), 1);
  assert.equal(values.get(`${all}{api="keys",method="other",code="405"}`), 1);
  assert.equal(values.get(`${all}{api="other",method="GET",code="200"}`), 1);
  assert.equal(values.get('etcd_http_received_total{method="GET"}'), 2);
  assert.equal(values.get('etcd_http_failed_total{method="GET",code="404"}'), 1);
  assert.equal(values.get('etcd_http_successful_duration_seconds_count{method="GET"}'), 1);
  assert.equal(values.get('etcd_debugging_store_writes_total{action="set"}'), 1);
});

test('a request that waits uses up a limit, and one too many is counted', async () => {
  await using server = await ApiServer.start({ maxWaitingRequests: 1 });
  const limit = '{limit="waiting_requests"}';
  const watch = server.open({ method: 'GET', path: '/v2/keys/a?wait=true' });
  await watch.head;
  const refused = await server.ask('GET', '/v2/keys/a?wait=true');
  assert.equal(refused.status, 503);
  const values = await scrape(server);
  assert.equal(values.get(`conclave_limit_used${limit}`), 1);
  assert.equal(values.get(`conclave_limit_max${limit}`), 1);
  assert.equal(values.get(`conclave_limit_refused_total${limit}`), 1);
  assert.equal(values.get('etcd_debugging_store_watchers'), 1);
  watch.leave();
});

test('without a leader it is told, and all else is served', async () => {
  await using server = await ApiServer.start();
  assert.equal((await scrape(server)).get('etcd_server_has_leader'), 1);
  server.coordinator.hasLeader = false;
  const values = await scrape(server);
  assert.equal(values.get('etcd_server_has_leader'), 0);
  assert.equal(values.get('etcd_server_is_leader'), 0);
});

test('durations are told in seconds, each bucket with those below it', async () => {
  await using server = await ApiServer.start();
  await server.ask('POST', '/mod/v2/lock/a?ttl=60');
  const values = await scrape(server);
  const bucket = (le: string) =>
    values.get(`conclave_lock_wait_seconds_bucket{space="locks",le="${le}"}`);
  assert.deepEqual([bucket('0.001'), bucket('3600'), bucket('+Inf')], [1, 1, 1]);
});

test('what is not known is not shown as zero', async () => {
  await using server = await ApiServer.start();
  server.coordinator.diskBytes = undefined;
  const values = await scrape(server);
  assert.equal(values.has('etcd_mvcc_db_total_size_in_bytes'), false);
  assert.equal(values.has('etcd_server_quota_backend_bytes'), false);
  server.coordinator.diskBytes = 4096;
  assert.equal((await scrape(server)).get('etcd_server_quota_backend_bytes'), 1_004_096);
});
