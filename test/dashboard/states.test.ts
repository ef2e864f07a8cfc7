import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { readAssets } from '../../src/http/dashboard/assets.js';
import { ApiServer } from '../support/api-server.js';
import { noBrowser } from './browser.js';
import { sharedBrowser } from './shared-browser.js';

const dist = fileURLToPath(new URL('../../dist/dashboard/', import.meta.url));
const overview = '**/v2/stats/cluster';

describe('each state has its words', { skip: noBrowser ?? false }, () => {
  let server: ApiServer;
  let page: Page;

  before(async () => {
    const browser = await sharedBrowser();
    server = await ApiServer.start({ dashboard: readAssets(dist) });
    page = await browser.newPage();
    page.setDefaultTimeout(8_000);
  });

  after(async () => {
    await page?.context().close();
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
      view.members[0].report = { ...view.members[0].report, leader: null, role: 'candidate' };
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
    await open('#/overview');
    await page.getByRole('heading', { name: 'Members' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Download a backup' }).count(), 0);
    await page.unrouteAll();
  });

  test('a member that is refused, and at it those that refuse it', async () => {
    const reason = 'its data directory is another. Start it with the one that it had';
    for (const [by, state, sentence] of [
      ['self', 'Refused', `node9 is refused: ${reason}.`],
      ['peer', 'Refuses this one', `is refused by node9: ${reason}.`],
    ] as const) {
      await page.route(overview, async (route) => {
        const view = JSON.parse(await (await route.fetch()).text());
        const gone = { reachable: false, silentMs: null, roundTripMs: null, report: null };
        const refused = { id: '9', name: 'node9', self: false, refusal: { by, reason } };
        view.members.push({ ...view.members[0], ...gone, ...refused });
        await route.fulfill({ json: view });
      });
      await open('#/overview');
      await page.getByText(sentence).waitFor();
      await page.getByRole('row', { name: /node9/ }).getByText(state).waitFor();
      await page.unrouteAll();
    }
  });

  test('a role in words', async () => {
    await page.route(overview, async (route) => {
      const view = JSON.parse(await (await route.fetch()).text());
      Object.assign(view.members[0].report, { role: 'preCandidate' });
      await route.fulfill({ json: view });
    });
    await open('#/overview');
    await page.getByRole('cell', { name: /pre-candidate/ }).waitFor();
    await page.unrouteAll();
  });

  test('requests that wait for locks and elections stand beside the watches of keys', async () => {
    const wait = (name: string) =>
      server.open({ method: 'POST', path: '/mod/v2/lock/counted', form: `ttl=60&value=${name}` });
    const lock = await server.ask('POST', '/mod/v2/lock/counted', 'ttl=60');
    const leader = await server.ask('PUT', '/mod/v2/leader/counted', 'ttl=60&name=first');
    const waiters = Array.from({ length: 18 }, (_, at) => wait(`${at}`));
    for (const name of ['second', 'third']) {
      const path = '/mod/v2/leader/counted';
      waiters.push(server.open({ method: 'PUT', path, form: `ttl=60&name=${name}` }));
    }
    const watch = server.open({ method: 'GET', path: '/v2/keys/counted?wait=true' });
    await open('#/overview');
    const counts = (title: string, count: string) =>
      page.locator(`td[data-title="${title}"]`).getByText(count, { exact: true }).waitFor();
    await counts('Lock waits', '20');
    await counts('Key watches', '1');
    for (const waiter of [...waiters, watch]) waiter.leave();
    await counts('Lock waits', '0');
    await counts('Key watches', '0');
    await server.ask('DELETE', `/mod/v2/lock/counted?index=${lock.body}`);
    await server.ask('DELETE', `/mod/v2/leader/counted?index=${leader.body}`);
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
    await page.getByText('There is no such folder.').waitFor();
    await open('#/keys/there/key');
    await page.getByRole('treeitem', { name: /key here/ }).waitFor();
    assert.match(page.url(), /#\/keys\/there\?key=\/there\/key$/);
    await page.getByRole('heading', { name: '/there/key' }).waitFor();
  });

  test('a folder that is not there is shown as soon as it is created, and is missed when it goes', async () => {
    await open('#/keys/later/deep');
    await page.getByText('No such folder: it is shown as soon as').waitFor();
    assert.equal(await page.getByText('Reconnecting').count(), 0);
    for (const value of ['first', 'second']) {
      await server.ask('PUT', '/v2/keys/later/deep/key', `value=${value}`);
      await page.getByRole('treeitem', { name: `key ${value}` }).waitFor();
      await page.getByText('● Live').waitFor();
      await server.ask('DELETE', '/v2/keys/later?recursive=true');
      await page.getByText('No such folder: it is shown as soon as').waitFor();
    }
  });

  test('a broken watch is shown, and starts again without a gap', async () => {
    let watches = 0;
    await page.route(/wait=true/, async (route) => {
      watches += 1;
      if (watches === 1) await route.fulfill({ status: 200, body: '' });
      else await route.continue();
    });
    await open('#/keys');
    await page.getByText('Not live').waitFor();
    await server.ask('PUT', '/v2/keys/missed', 'value=meanwhile');
    await page.getByRole('treeitem', { name: /missed meanwhile/ }).waitFor();
    await page.getByText('● Live').waitFor();
    await server.ask('PUT', '/v2/keys/missed', 'value=live');
    await page.getByRole('treeitem', { name: /missed live/ }).waitFor();
    await page.unrouteAll();
  });

  test('a hidden tab asks for nothing', async () => {
    await open('#/locks');
    await page.getByText('Nobody holds a lock').waitFor();
    let asked = 0;
    await page.route('**', async (route) => {
      asked += 1;
      await route.continue();
    });
    const show = async (isHidden: boolean) => {
      await page.evaluate((hidden) => {
        Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
        document.dispatchEvent(new Event('visibilitychange'));
      }, isHidden);
    };
    await show(true);
    asked = 0;
    // More than twice the interval at which the overview is asked for.
    await page.waitForTimeout(2_300);
    assert.equal(asked, 0);
    await show(false);
    await page.waitForRequest(overview);
    await page.unrouteAll();
  });

  test('the colours that were chosen are there again after a reload', async () => {
    await open('#/overview');
    await page.getByLabel('Colours').selectOption('dark');
    await page.reload();
    await page.getByLabel('Colours').waitFor();
    assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'dark');
  });

  test('the keyboard alone moves in the tree', async () => {
    await server.ask('PUT', '/v2/keys/walk/there/key', 'value=here');
    await open('#/keys/walk');
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
