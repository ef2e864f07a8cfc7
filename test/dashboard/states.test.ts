import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { readAssets } from '../../src/http/dashboard/assets.js';
import { FaceServer } from '../support/face-server.js';
import { launchBrowser, noBrowser } from './browser.js';

const dist = fileURLToPath(new URL('../../dist/dashboard/', import.meta.url));
const overview = '**/v2/stats/cluster';

describe('each state has its words', { skip: noBrowser ?? false }, () => {
  let browser: Browser;
  let server: FaceServer;
  let page: Page;

  before(async () => {
    browser = await launchBrowser();
    server = await FaceServer.start({ dashboard: readAssets(dist) });
    page = await browser.newPage();
    page.setDefaultTimeout(8_000);
  });

  after(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  test('loading, before the first answer', async () => {
    await page.route(overview, () => {});
    await open('#/overview');
    await page.getByText('Asking the member').waitFor();
    await page.getByText('Loading the cluster').waitFor();
    await page.unroute(overview);
  });

  test('empty, with the command that would fill it', async () => {
    await open('#/locks');
    await page.getByText('Nobody holds a lock').waitFor();
    await page.getByText('curl -X POST').waitFor();
    await open('#/keys');
    await page.getByText('Empty: there is no key here').waitFor();
  });

  test('no leader', async () => {
    await page.route(overview, async (route) => {
      const answer = await route.fetch();
      const view = JSON.parse(await answer.text());
      view.members[0].report.leader = null;
      await route.fulfill({ json: view });
    });
    await page.route('**/mod/v2/lock/**', (route) =>
      route.fulfill({
        status: 503,
        json: { errorCode: 301, message: 'During Leader Election', index: 1 },
      }),
    );
    await open('#/locks');
    await page.getByText('knows no leader').waitFor();
    await page.getByText('Cannot show the locks. The cluster has no leader').waitFor();
    await page.unrouteAll();
  });

  test('an answer that the page does not know', async () => {
    await page.route(overview, (route) => route.fulfill({ json: { clusterId: 7 } }));
    await open('#/overview');
    await page.getByText('the cluster has no proper clusterId').first().waitFor();
    await page.unrouteAll();
  });

  test('a path that is not there, and a path that is a key and no folder', async () => {
    await server.ask('PUT', '/v2/keys/there/key', 'value=here');
    await open('#/keys/nowhere');
    await page.getByText('Key not found: /nowhere').waitFor();
    await open('#/keys/there/key');
    await page.getByRole('treeitem', { name: /key here/ }).waitFor();
    assert.match(page.url(), /#\/keys\/there$/);
    await page.getByRole('heading', { name: '/there/key' }).waitFor();
  });

  test('the colours that were chosen are there again after a reload', async () => {
    await open('#/overview');
    await page.getByLabel('Colours').selectOption('dark');
    await page.reload();
    await page.getByLabel('Colours').waitFor();
    assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'dark');
  });

  test('the tree is walked with the keyboard alone', async () => {
    await open('#/keys');
    await page.getByRole('treeitem', { name: /there/ }).waitFor();
    await page.getByRole('tree').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('treeitem', { name: /key here/ }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('treeitem', { name: /key here/, selected: true }).waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('treeitem', { name: /there/, selected: true, expanded: true }).waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('treeitem', { name: /there/, expanded: false }).waitFor();
  });

  async function open(hash: string): Promise<void> {
    // A page that is open already would only go to another part of itself.
    await page.goto('about:blank');
    await page.goto(`http://127.0.0.1:${server.port}/mod/dashboard/${hash}`);
  }
});
