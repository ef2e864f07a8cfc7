import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ApiServer } from '../../support/api-server.js';

describe('deny=403 says no to a place that does not hold, as a proxy understands it', () => {
  let server: ApiServer;
  before(async () => {
    server = await ApiServer.start();
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  for (const [route, method, name] of [
    ['lock', 'POST', 'value'],
    ['leader', 'PUT', 'name'],
  ] as const) {
    test(`of a ${route}`, async () => {
      const path = `/mod/v2/${route}/gate`;
      const { body: index } = await server.ask(method, `${path}?ttl=60`, `${name}=ann`);
      const ask = () => server.ask('GET', `${path}?index=${index}&deny=403`);
      const allowed = await ask();
      assert.deepEqual([allowed.status, allowed.body], [200, 'ann']);
      await server.ask('DELETE', `${path}?index=${index}`);
      const denied = await ask();
      assert.equal(denied.status, 403);
      assert.equal(JSON.parse(denied.body).errorCode, 100);
      assert.equal((await server.ask('GET', `${path}?index=${index}`)).status, 404);
      assert.equal((await server.ask('HEAD', `${path}?index=${index}&deny=403`)).status, 403);
    });
  }

  test('but is refused where it would deny nothing', async () => {
    for (const query of ['deny=403', 'index=1&deny=404', 'index=1&deny=']) {
      const { status, body } = await server.ask('GET', `/mod/v2/lock/gate?${query}`);
      assert.deepEqual([query, status, JSON.parse(body).errorCode], [query, 400, 209]);
    }
  });
});
