import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { RealCluster } from '../cluster/real-cluster.js';
import { launchBrowser, noBrowser } from './browser.js';

test('a page of an origin that --cors names may use the API, and no other page', {
  skip: noBrowser ?? false,
}, async () => {
  const [allowedPort = 0] = await freePorts(1);
  await using allowed = await emptyPage(allowedPort);
  await using refused = await emptyPage(0);
  await using cluster = await RealCluster.start(['--cors', allowed.origin]);
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
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
  } finally {
    await browser.close();
  }
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

/** A site of its own, as far as a browser is concerned. */
async function emptyPage(port: number): Promise<AsyncDisposable & { readonly origin: string }> {
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>elsewhere</title>');
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
