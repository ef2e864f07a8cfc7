import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { createHttpServer, defaultLimits } from '../../../src/http/server/http-server.js';
import { readRequest, untilGone } from '../../../src/http/server/incoming-request.js';
import { parseTarget } from '../../../src/http/server/target.js';
import { DeadPeerDetector } from '../../../src/service/dead-peer-detector.js';
import { until } from '../../cluster/until.js';
import { silentLogger } from '../../support/api-server.js';
import { ManualClock } from '../../support/manual-clock.js';

/** A request whose connection may be reset before anybody waits for it. */
async function received() {
  const responses: ServerResponse[] = [];
  const server = createHttpServer((_message, response) => responses.push(response), defaultLimits);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('POST /lock HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(server, 'request');
  server.close();
  const [response] = responses;
  assert.ok(response !== undefined);
  const leave = async () => {
    client.resetAndDestroy();
    await until(() => response.destroyed, 'the client is gone');
  };
  return { message: response.req, response, leave };
}

for (const leaves of ['before it waits', 'while it waits'] as const) {
  test(`nothing is left of a request whose connection is reset ${leaves}`, async () => {
    const { message, response, leave } = await received();
    const closing = new AbortController().signal;
    let revocable = 0;
    const revocation = {
      begin: () => {
        revocable += 1;
        return () => {
          revocable -= 1;
        };
      },
    };
    const clock = new ManualClock(0);
    const deadPeers = new DeadPeerDetector(clock, async () => new Map(), silentLogger);
    const target = parseTarget('/lock');
    const identity = undefined;
    const request = await readRequest(
      { message, response, target, closing, deadPeers, identity, revocation },
      { prefix: '/lock', maxRequestBytes: 100, receivedAt: 0, repeats: 'refused' },
    );
    const isLate = leaves === 'while it waits';
    if (!isLate) await leave();
    const listeners = response.listenerCount('close');
    const signals = [request.signal, untilGone({ response, closing })];
    request.detectDeadPeer({ ttlMs: 5000, holdsConnection: true, hasProgress: false });
    assert.equal(revocable, isLate ? 1 : 0);
    assert.equal(response.listenerCount('close') > listeners, isLate);
    if (isLate) await leave();
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true, true],
    );
    assert.equal(revocable, 0);
    assert.equal(getEventListeners(closing, 'abort').length, 0);
  });
}
