import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApiServer } from '../../support/api-server.js';

type Headers = Readonly<Record<string, string>>;

const elsewhere = 'http://elsewhere.example';

async function statusOf(
  headers: Headers,
  method = 'POST',
  cors: readonly string[] = [],
): Promise<number> {
  await using server = await ApiServer.start({ cors });
  const own = Object.entries(headers).map(([name, value]) => [
    name,
    value.replace('HERE', `127.0.0.1:${server.port}`),
  ]);
  const path = method === 'GET' ? '/mod/v2/lock/a' : '/mod/v2/lock/a?ttl=9';
  const question = { method, path, headers: Object.fromEntries(own) };
  return (await server.askFor(question)).status;
}

describe('a change that a page has its browser send', () => {
  test('is refused when the page is of another origin', async () => {
    assert.equal(await statusOf({ Origin: elsewhere }), 403);
    assert.equal(await statusOf({ Origin: 'null' }), 403);
    assert.equal(await statusOf({ 'Sec-Fetch-Site': 'cross-site' }), 403);
    assert.equal(
      await statusOf({ Origin: 'http://HERE.example', 'Sec-Fetch-Site': 'same-site' }),
      403,
    );
  });

  test('is served when it is of this one, or --cors names it', async () => {
    assert.equal(await statusOf({ Origin: 'http://HERE' }), 200);
    assert.equal(await statusOf({ Origin: 'https://HERE' }), 200);
    assert.equal(await statusOf({ Origin: elsewhere, 'Sec-Fetch-Site': 'same-origin' }), 200);
    assert.equal(await statusOf({ Origin: elsewhere }, 'POST', [elsewhere]), 200);
  });

  test('is served with a header that no foreign page can send', async () => {
    const headers = { Origin: elsewhere, 'X-Conclave-Request': 'dashboard' };
    assert.equal(await statusOf(headers), 200);
  });
});

test('a preflight request permits nobody to send that header', async () => {
  await using server = await ApiServer.start({ cors: ['*'] });
  const { headers } = await server.askFor({
    ...{ method: 'OPTIONS', path: '/mod/v2/lock/a' },
    headers: { Origin: elsewhere, 'Access-Control-Request-Headers': 'x-conclave-request' },
  });
  assert.ok(!/x-conclave/i.test(headers['access-control-allow-headers'] ?? ''));
});

test('a read is served to every page, and its browser does not show it to the page', async () => {
  assert.equal(await statusOf({ Origin: elsewhere }, 'GET'), 200);
});

test('a client that is no browser is not asked', async () => {
  assert.equal(await statusOf({}), 200);
});
