import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { readAssets } from '../../src/http/dashboard/assets.js';
import { term } from '../../src/ids.js';
import { ApiServer, until } from '../support/api-server.js';
import { noBrowser } from './browser.js';
import { sharedBrowser } from './shared-browser.js';

const dist = fileURLToPath(new URL('../../dist/dashboard/', import.meta.url));

describe('what was before the page was opened', { skip: noBrowser ?? false }, () => {
  let server: ApiServer;
  let page: Page;

  before(async () => {
    const browser = await sharedBrowser();
    server = await ApiServer.start({ dashboard: readAssets(dist) });
    server.service.start();
    page = await browser.newPage();
    page.setDefaultTimeout(8_000);
  });

  after(async () => {
    await page?.context().close();
    await server?.[Symbol.asyncDispose]();
  });

  test('is in its charts', async () => {
    const { locks } = server.coordinator.state;
    await server.ask('POST', '/mod/v2/lock/busy?ttl=3600', 'value=holder');
    const waiting = ['a', 'b', 'c'].map((value) =>
      server.open({ method: 'POST', path: `/mod/v2/lock/busy?ttl=3600&value=${value}` }),
    );
    await until(() => locks.totals('lock').waiting === 3);
    server.clock.advance(60_000);
    for (const request of waiting) request.leave();
    await until(() => locks.totals('lock').waiting === 0);
    server.clock.advance(1_200_000);
    await open();
    const chart = page.getByRole('img', { name: /^Lock waits/ });
    await chart.waitFor();
    assert.match((await chart.getAttribute('aria-label')) ?? '', /Locks: now 0 waiting, at most 0/);
    await page.getByRole('button', { name: '1 hour' }).click();
    const past = /Locks: now 0 waiting, at most 3 waiting/;
    await page.getByRole('img', { name: past }).waitFor();
  });

  test('is in its list of events, with the address of one who took a lock away', async () => {
    const { leaderId } = server.coordinator.status();
    assert.ok(leaderId !== undefined);
    const { events } = server.service.context;
    events.record({ type: 'leaderElected', leaderId, term: term(7) });
    const { body } = await server.ask('POST', '/mod/v2/lock/night?ttl=3600', 'value=ann');
    await server.ask('DELETE', `/mod/v2/lock/night?index=${body}&force=true`);
    await open();
    await page.getByText('local was elected, term 7.').waitFor();
    const taken = `ann, token ${body}, was taken away from the lock night, by force, from 127.0.0.1:`;
    await page.getByText(taken).waitFor();
    events.record({ type: 'leaderLost', term: term(7) });
    // It is shown while the page is open, too.
    await page.getByText('There was no leader any more, term 7.').waitFor();
  });

  test('a forced release looks different from an ordinary one', async () => {
    for (const query of ['', '&force=true']) {
      const { body } = await server.ask('POST', '/mod/v2/lock/both?ttl=3600', 'value=x');
      await server.ask('DELETE', `/mod/v2/lock/both?index=${body}${query}`);
    }
    await page.goto('about:blank');
    await page.goto(`http://127.0.0.1:${server.port}/mod/dashboard/#/locks/both`);
    await page.getByRole('row', { name: /released/ }).waitFor();
    await page.getByRole('row', { name: /taken away by force/ }).waitFor();
    await page.getByText('Nobody holds it, nobody waits.').waitFor();
  });

  test('a semaphore is none that holds alone, and a holder without a value has an address', async () => {
    await server.ask('POST', '/mod/v2/lock/pool?ttl=3600&limit=5');
    await page.goto('about:blank');
    await page.goto(`http://127.0.0.1:${server.port}/mod/dashboard/#/locks/pool`);
    const holder = page.locator('.holder');
    await holder.getByText('one of 5').waitFor();
    await holder.getByText(/\(no value\) 127\.0\.0\.1:\d+/).waitFor();
    await page.getByRole('button', { name: /^Release/ }).click();
    const question = (await page.getByRole('dialog').textContent()) ?? '';
    assert.doesNotMatch(question, /next in the queue/);
  });

  async function open(): Promise<void> {
    await page.goto('about:blank');
    await page.goto(`http://127.0.0.1:${server.port}/mod/dashboard/#/overview`);
  }
});
