import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { root } from '../../scripts/packages.mjs';
import { RealCluster } from '../cluster/real-cluster.js';
import { launchBrowser, noBrowser } from './browser.js';

test('the client runs in a page of an origin that --cors names', {
  skip: noBrowser ?? false,
}, async () => {
  const [port = 0] = await freePorts(1);
  await using site = await siteWithTheClient(port);
  await using cluster = await RealCluster.start(['--cors', site.origin]);
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(site.origin);
    const endpoints = cluster.names.map((name) => cluster.url(name, ''));
    const program = `(async () => {
      const { ConclaveClient } = await import('/client/index.js');
      const client = new ConclaveClient({ endpoints: ${JSON.stringify(endpoints)} });
      const seen = [];
      const written = client.using('page', { ttl: 5 }, async (lock) => {
        await lock.renew();
        await client.keys.set('from-a-page', 'red', { lock });
        return lock.token;
      });
      seen.push(await written > 0);
      const { index } = await client.keys.read('from-a-page');
      await client.keys.delete('from-a-page');
      for await (const told of client.keys.watch('from-a-page', { since: index + 1 })) {
        seen.push(told.action);
        break;
      }
      const leadership = await client.elect('page', { value: 'tab', ttl: 5 });
      for await (const { leader } of client.observe('page')) {
        seen.push(leader);
        break;
      }
      await leadership.release();
      seen.push(await client.keys.update('nothing', 'x').catch((error) => error.errorCode));
      return seen;
    })()`;
    assert.deepEqual(await page.evaluate(program), [true, 'delete', 'tab', 100]);
  } finally {
    await browser.close();
  }
});

/** An empty page, and the client beside it as it was built. */
async function siteWithTheClient(
  port: number,
): Promise<AsyncDisposable & { readonly origin: string }> {
  const server = createServer((request, response) => {
    const [, file] = /^\/client\/([a-z-]+\.js)$/.exec(request.url ?? '') ?? [];
    response.setHeader('Content-Type', file === undefined ? 'text/html' : 'text/javascript');
    if (file === undefined) response.end('<!doctype html><title>elsewhere</title>');
    else response.end(readFileSync(join(root, 'dist', 'client', file)));
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
