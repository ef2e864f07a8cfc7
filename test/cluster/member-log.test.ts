import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type LogLine, patient, RealCluster } from './real-cluster.js';
import { until } from './until.js';

/** Every hexadecimal id is the value of a field ending in "Id", or stands behind its name. */
function bareIds(line: LogLine): readonly string[] {
  const named = /"\w+Id":"[0-9a-f]{16}"|\w+ \([0-9a-f]{16}\)/g;
  return (
    JSON.stringify(line)
      .replaceAll(named, '')
      .match(/\b[0-9a-f]{16}\b/g) ?? []
  );
}

describe('the log of a member', () => {
  test('tells its start, who leads and why, and each loss once', async () => {
    await using real = await RealCluster.start([...patient, '--snapshot-count', '10']);
    const leader = (await real.leader()) ?? '';
    const [lost = '', witness = ''] = real.names.filter((name) => name !== leader);
    for (const name of real.names) tellsItsStart(real, name);
    const says = (name: string, message: string, field: string, value: string) => () =>
      real.logLines(name).some((line) => line.msg === message && line[field] === value);
    const becameLeader = says(leader, 'became leader', 'reason', 'a majority voted for it');
    await until(becameLeader, 'the leader says why it leads');
    await until(says(witness, 'follows a leader', 'leader', leader), 'the others say who leads');

    const before = real.logLines(leader).length;
    await real.cluster.kill(lost);
    for (let count = 0; count < 40; count += 1) {
      assert.ok((await real.request(witness, 'PUT', '/v2/keys/a', { value: `${count}` })).ok);
    }
    const since = () => real.logLines(leader).slice(before);
    const quiet = performance.now() + 5_000;
    await until(() => performance.now() > quiet, 'some time has passed');
    // A busy machine's disk may be slow meanwhile, and the log says so.
    const alarms = since().filter(
      ({ level, peer }) => (level === 'warn' || level === 'error') && peer !== undefined,
    );
    assert.deepEqual(
      alarms.map(({ msg, peer }) => [msg, peer]),
      [['peer lost', lost]],
      'one line, however often it is dialled',
    );
    assert.ok(since().some(({ msg }) => msg === 'snapshot taken'));
    await real.cluster.restart(lost);
    const found = ({ msg, peer }: LogLine) => msg === 'peer found again' && peer === lost;
    await until(() => since().some(found), 'it is found again');
    const replayed = real.logLines(lost).findLast(({ msg }) => msg.startsWith('replayed'));
    assert.ok(Number(replayed?.['entries']) > 0 && Number(replayed?.['tookMs']) >= 0);

    await losesTheMajority(real, leader);
    for (const name of real.names) {
      assert.deepEqual(real.logLines(name).flatMap(bareIds), [], `${name} names every member`);
    }
  });

  test('raises no alarm about peers when all members are stopped together', async () => {
    await using real = await RealCluster.start(patient);
    await real.cluster.stop();
    for (const name of real.names) {
      const lines = real.logLines(name);
      const stopping = lines.findIndex(({ msg }) => msg === 'stopping');
      assert.equal(lines.at(-1)?.msg, 'stopped');
      const alarms = lines.slice(stopping).filter(({ level }) => /warn|error/.test(level));
      assert.deepEqual(
        alarms.filter(({ msg }) => /peer|majority/.test(msg)),
        [],
      );
    }
  });

  test('is text where that is asked for, and at debug tells the votes', async () => {
    await using real = await RealCluster.start(['--log-format', 'text', '--log-level', 'debug']);
    const leader = (await real.leader()) ?? '';
    const read = () => readFileSync(real.logPath(leader), 'utf8');
    await until(() => /became leader/.test(read()), 'its log says that it leads');
    const text = read();
    assert.match(text, /^\d{4}-\S+Z INFO {2}Conclave starts version=\S+ name=node\d memberId=/m);
    assert.match(text, /^\S+Z INFO {2}serving on http:\/\/127\.0\.0\.1:\d+ advertised=http/m);
    assert.match(text, /^\S+Z INFO {2}became leader term=\d+ reason="a majority voted for it"$/m);
    assert.match(text, /^\S+Z DEBUG sent RequestVoteRequest from=node\d fromId=\w+ to=node\d/m);
    assert.match(text, /^\S+Z DEBUG connected to peer peer=node\d/m);
  });
});

function tellsItsStart(real: RealCluster, name: string): void {
  const lines = real.logLines(name);
  const messages = lines.map(({ msg }) => msg.replace(/http\S+/, 'URL'));
  const expected = [
    'Conclave starts',
    'opened its data directory',
    'replayed its snapshot and its log',
    'listening for peers',
    'serving on URL',
  ];
  assert.deepEqual(
    messages.filter((message) => expected.includes(message)),
    expected,
  );
  const [start, opened] = lines;
  assert.equal(start?.['name'], name);
  assert.match(String(start?.['version']), /^\d+\.\d+\.\d+$/);
  assert.equal(opened?.['isNew'], true);
  assert.ok(String(opened?.['dataDir']).endsWith(name));
}

async function losesTheMajority(real: RealCluster, leader: string): Promise<void> {
  for (const name of real.names.filter((each) => each !== leader)) await real.cluster.kill(name);
  const says = (pattern: RegExp) => () =>
    real.logLines(leader).some(({ msg }) => pattern.test(msg));
  await until(says(/^no majority answers: nothing can be written$/), 'it says that it is alone');
  await until(says(/^stepped down$/), 'it says that it leads no more');
  const down = real.logLines(leader).find(({ msg }) => msg === 'stepped down');
  assert.equal(down?.['reason'], 'no majority has answered for an election timeout');
}
