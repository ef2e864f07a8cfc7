import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { root } from '../../scripts/packages.mjs';
import { RealCluster } from '../cluster/real-cluster.js';
import { noBrowser } from './browser.js';
import { sharedBrowser } from './shared-browser.js';

describe('a page of an origin that --cors names', { skip: noBrowser ?? false }, () => {
  let allowed: Site;
  let refused: Site;
  let cluster: RealCluster;
  let page: Page;
  before(async () => {
    const [port = 0] = await freePorts(1);
    [allowed, refused] = await Promise.all([siteWithTheClient(port), siteWithTheClient(0)]);
    cluster = await RealCluster.start(['--cors', allowed.origin]);
    page = await (await sharedBrowser()).newPage();
  });
  after(async () => {
    await page?.context().close();
    for (const each of [cluster, allowed, refused]) await each?.[Symbol.asyncDispose]();
  });

  test('may use the API, and no other page', async () => {
    await page.goto(allowed.origin);
    const url = cluster.url('node2', '/v2/keys/from-a-page');
    assert.deepEqual(await ask(page, url, 'PUT'), { status: 201, index: true });
    assert.deepEqual(await ask(page, url, 'GET'), { status: 200, index: true });
    assert.deepEqual(await ask(page, url, 'DELETE'), { status: 200, index: true });
    await page.goto(refused.origin);
    assert.equal(await ask(page, url, 'GET'), 'TypeError');
    assert.equal(await ask(page, url, 'DELETE'), 'TypeError');
    const { status } = await cluster.get('node1', '/v2/keys/from-a-page');
    assert.equal(status, 404);
  });

  test('runs the client', async () => {
    await page.goto(allowed.origin);
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
  });
});

/** Whether the page got an answer, and could read the header with the index. */
async function ask(page: Page, url: string, method: string): Promise<unknown> {
  return await page.evaluate(
    async ([target, verb]) => {
      try {
        const body = verb === 'PUT' ? new URLSearchParams({ value: 'x' }) : null;
        const answer = await fetch(target ?? '', { method: verb ?? '', body });
        return { status: answer.status, index: answer.headers.get('X-Etcd-Index') !== null };
      } catch (error) {
        return error instanceof Error ? error.name : 'unknown';
      }
    },
    [url, method],
  );
}

type Site = AsyncDisposable & { readonly origin: string };

/** A site of its own, as far as a browser is concerned: empty, and the client as it was built. */
async function siteWithTheClient(port: number): Promise<Site> {
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
