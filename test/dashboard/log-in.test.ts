import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { readAssets } from '../../src/http/dashboard/assets.js';
import { AuthServer, passwords, type UserName } from '../http/access/auth-server.js';
import { NamedClients } from '../http/access/named-clients.js';
import { noBrowser } from './browser.js';
import { accessibilityFaults } from './pages.js';
import { sharedBrowser } from './shared-browser.js';

const dist = fileURLToPath(new URL('../../dist/dashboard/', import.meta.url));
const mayLittle = {
  kv: { read: ['*'], write: ['/a*'] },
  lock: { acquire: [], release: ['a*'], read: ['*'] },
  election: { acquire: [], release: [], read: ['*'] },
  admin: ['status'],
};
const noGuest = { kv: { read: [], write: [] } };

describe('what the user of the page may not do', { skip: noBrowser ?? false }, () => {
  let browser: Browser;
  let server: AuthServer;

  before(async () => {
    browser = await sharedBrowser();
    server = await AuthServer.start(mayLittle, noGuest, { dashboard: readAssets(dist) });
    await server.askAs('root', 'PUT', '/v2/keys/apple?value=1');
    await server.askAs('root', 'PUT', '/v2/keys/pear?value=1');
    for (const name of ['apple', 'pear']) {
      await server.askAs('root', 'POST', `/mod/v2/lock/${name}?ttl=600&value=ann`);
    }
    await server.askAs('root', 'PUT', '/mod/v2/leader/apple?ttl=600&name=ann');
  });

  after(async () => {
    await server?.[Symbol.asyncDispose]();
  });

  test('is disabled, and says why', async () => {
    const page = await openAs('alice', '#/overview');
    const why = 'alice may not change the members, or who leads: no role permits admin “members”.';
    for (const name of ['Add a member', /^Replace /, /^Remove /]) {
      const button = page.getByRole('button', { name, disabled: true });
      await button.waitFor();
      assert.equal(await button.getAttribute('title'), why);
    }
    await page.getByText(why).waitFor();
    await page.getByRole('button', { name: 'Download a backup', disabled: true }).waitFor();
    await page.getByText('alice may not take a backup').waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.context().close();
  });

  test('differs from key to key, from lock to lock, and between locks and elections', async () => {
    const page = await openAs('alice', '#/keys?key=/apple');
    const button = (name: string | RegExp, disabled: boolean) =>
      page.getByRole('button', { name, disabled }).waitFor();
    await button('Edit', false);
    await goTo(page, '#/keys?key=/pear');
    await page.getByText('alice may not change /pear: no role permits kv.write of it.').waitFor();
    for (const name of ['Edit', 'Set TTL', 'Delete']) await button(name, true);
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Path', { exact: true }).fill('/plum');
    await page.getByRole('dialog').getByText('alice may not change /plum').waitFor();
    await button('Create', true);
    await page.getByLabel('Path', { exact: true }).fill('/apricot');
    await button('Create', false);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await goTo(page, '#/locks/apple');
    await button('Release ann', false);
    await goTo(page, '#/locks/pear');
    await page.getByText('alice may not release pear').waitFor();
    await button('Release ann', true);
    await goTo(page, '#/elections/apple');
    await page.getByText('alice may not depose a leader of apple').waitFor();
    await button('Depose ann', true);
    await page.context().close();
  });

  test('is nothing for root, whose backup is asked for in its name', async () => {
    const page = await openAs('root', '#/overview');
    await page.getByRole('button', { name: 'Add a member', disabled: false }).waitFor();
    const button = page.getByRole('button', { name: 'Download a backup' });
    const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
    assert.match(readFileSync(await download.path(), 'latin1'), /^conclave backup/);
    await page.getByRole('button', { name: 'Log out root' }).click();
    await page.getByText('This cluster asks who you are.').waitFor();
    await page.context().close();
  });

  test('changes while the page is open, and a guest who sees the page can log in', async () => {
    const guest = { role: 'guest', grant: { admin: ['status'] } };
    await server.mustPut('roles/guest', guest);
    const page = await open('#/overview');
    await page.getByText('A guest may not take a backup').waitFor();
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('This cluster asks who you are.').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('A guest may not take a backup').waitFor();
    await page.getByRole('button', { name: 'Log in' }).click();
    await logIn(page, 'alice');
    await page.getByText('alice may not take a backup').waitFor();
    await server.mustPut('roles/dev', { role: 'dev', grant: { admin: ['backup'] } });
    await page.getByRole('button', { name: 'Download a backup', disabled: false }).waitFor();
    await page.context().close();
  });

  async function open(hash: string): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    // A page asks every 10 s what its user may do.
    page.setDefaultTimeout(30_000);
    await page.goto(`http://127.0.0.1:${server.api.port}/mod/dashboard/${hash}`);
    return page;
  }

  async function openAs(user: UserName, hash: string): Promise<Page> {
    const page = await open(hash);
    await logIn(page, user);
    return page;
  }

  async function logIn(page: Page, user: UserName): Promise<void> {
    await page.getByLabel('Name').fill(user);
    await page.getByLabel('Password').fill(passwords[user]);
    await page.getByRole('main').getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('button', { name: `Log out ${user}` }).waitFor();
  }

  async function goTo(page: Page, hash: string): Promise<void> {
    await page.evaluate((target) => location.assign(target), hash);
  }
});

test('a browser is the user whom its certificate names, until somebody logs in', {
  skip: noBrowser ?? false,
}, async () => {
  using clients = new NamedClients();
  const dashboard = readAssets(dist);
  await using server = await AuthServer.start(mayLittle, noGuest, { dashboard }, clients.named);
  const origin = `https://127.0.0.1:${server.api.port}`;
  const { cert, key } = clients.of('alice');
  const browser = await sharedBrowser();
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    clientCertificates: [
      { origin, cert: Buffer.from(String(cert)), key: Buffer.from(String(key)) },
    ],
  });
  const page = await context.newPage();
  await page.goto(`${origin}/mod/dashboard/#/overview`);
  await page.getByText('alice, by certificate').waitFor();
  await page.getByText('alice may not take a backup').waitFor();

  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByLabel('Name').fill('root');
  await page.getByLabel('Password').fill(passwords.root);
  await page.getByRole('main').getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('button', { name: 'Download a backup', disabled: false }).waitFor();
  assert.equal(await page.getByText('by certificate').count(), 0);

  await page.getByRole('button', { name: 'Log out root' }).click();
  await page.getByText('alice, by certificate').waitFor();
  await context.close();
});
