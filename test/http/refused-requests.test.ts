import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiServer } from '../support/api-server.js';
import { LogRecorder } from '../support/log-recorder.js';

test('the log tells once a minute that clients get 503, why, and how often it was not told', async () => {
  const logger = new LogRecorder();
  await using server = await ApiServer.start({ logger });
  server.coordinator.hasLeader = false;
  const write = async () => (await server.ask('PUT', '/v2/keys/a', 'value=1')).status;
  for (let count = 0; count < 5; count += 1) assert.equal(await write(), 503);
  const reason = 'no leader took the command in time';
  const line = { level: 'warn', message: 'requests refused' };
  assert.deepEqual(logger.takeLines(), [{ ...line, fields: { reason } }]);
  server.clock.advance(60_000);
  assert.equal(await write(), 503);
  assert.deepEqual(logger.takeLines(), [{ ...line, fields: { reason, untold: 4 } }]);
});

test('a limit that is reached is told beside it', async () => {
  const logger = new LogRecorder();
  await using server = await ApiServer.start({ logger, maxWaitingRequests: 1 });
  const watch = server.open({ method: 'GET', path: '/v2/keys/a?wait=true' });
  await watch.head;
  assert.equal((await server.ask('GET', '/v2/keys/a?wait=true')).status, 503);
  const [told] = logger.takeLines();
  assert.match(String(told?.fields['reason']), /this member lets 1 requests wait at a time/);
  watch.leave();
});
