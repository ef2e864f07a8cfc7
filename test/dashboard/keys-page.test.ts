import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { readAssets } from '../../src/http/dashboard/assets.js';
import { ApiServer } from '../support/api-server.js';
import { noBrowser } from './browser.js';
import { sharedBrowser } from './shared-browser.js';

const dist = fileURLToPath(new URL('../../dist/dashboard/', import.meta.url));

describe('the page of keys', { skip: noBrowser ?? false }, () => {
  let browser: Browser;
  let server: ApiServer;
  let page: Page;

  before(async () => {
    browser = await sharedBrowser();
  });

  afterEach(async () => {
    await page?.context().close();
    await server?.[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    server = await ApiServer.start({ dashboard: readAssets(dist) });
    const permissions = ['clipboard-read', 'clipboard-write'];
    page = await (await browser.newContext({ permissions })).newPage();
    page.setDefaultTimeout(8_000);
    for (const key of ['host', 'port', 'password']) {
      await server.ask('PUT', `/v2/keys/db/main/${key}`, `value=the-${key}`);
    }
    await server.ask('PUT', '/v2/keys/db/spare/host', 'value=other');
  });

  test('has the selection in its address, so that it can be linked to, and Back goes back', async () => {
    await open('#/keys/db');
    await item(/main/).click();
    await page.keyboard.press('ArrowRight');
    await item(/host the-host/).click();
    await heading('/db/main/host').waitFor();
    await item(/port/).click();
    await heading('/db/main/port').waitFor();
    const link = page.url();
    assert.match(link, /#\/keys\/db\?key=\/db\/main\/port$/);
    await page.goBack();
    await heading('/db/main/host').waitFor();
    await page.goto('about:blank');
    await page.goto(link);
    await heading('/db/main/port').waitFor();
    await item(/port the-port/).waitFor();
    assert.equal(await item(/port/).getAttribute('aria-selected'), 'true');
  });

  test('selects a key that was made, in whatever folder it is', async () => {
    await open('#/keys/db/main');
    await create('/db/main/user', 'ann');
    await heading('/db/main/user').waitFor();
    await create('/elsewhere/deep/key', 'far');
    await heading('/elsewhere/deep/key').waitFor();
    assert.equal(await item(/key far/).getAttribute('aria-selected'), 'true');
  });

  test('refuses a path that would become another one, and says why', async () => {
    await open('#/keys');
    await page.getByRole('button', { name: 'New key' }).click();
    const path = page.getByLabel('Path', { exact: true });
    const button = page.getByRole('button', { name: 'Create' });
    for (const [typed, reason] of [
      ['//a/../b', 'no ".."'],
      ['/a//b', 'no "//"'],
    ] as const) {
      await path.fill(typed);
      await page.getByText(reason).waitFor();
      assert.equal(await button.isDisabled(), true);
    }
    await path.fill('b');
    await page.getByText('It will be made as /b.').waitFor();
    assert.equal(await button.isDisabled(), false);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByLabel('Go to a path').fill('/x/../db');
    await page.getByRole('button', { name: 'Go', exact: true }).click();
    await page.getByRole('alert').getByText('no ".."').waitFor();
    assert.match(page.url(), /#\/keys$/);
  });

  test('hides the value of a key that is named like a secret, until it is asked for', async () => {
    await open('#/keys/db/main');
    await item(/password/).click();
    await heading('/db/main/password').waitFor();
    await page.getByText('looks like that of a secret').waitFor();
    assert.equal(await page.getByText('the-password').count(), 0);
    assert.doesNotMatch(await page.content(), /the-password/);
    await page.getByRole('button', { name: 'Show the value' }).click();
    assert.equal(
      await page.getByLabel('Value', { exact: true }).last().inputValue(),
      'the-password',
    );
    await item(/host/).click();
    await item(/password/).click();
    await page.getByText('looks like that of a secret').waitFor();
  });

  test('counts what is in a folder, and filters it', async () => {
    await open('#/keys/db/main');
    await page.getByText('3 keys').waitFor();
    await page.getByLabel('Filter the names').fill('PO');
    await page.getByText('1 of 3 keys here').waitFor();
    assert.deepEqual(await page.getByRole('treeitem').count(), 1);
    await open('#/keys/db');
    await page.getByText('2 folders').waitFor();
  });

  test('copies the key, the value, and the curl lines that do the same', async () => {
    await open('#/keys/db/main?key=/db/main/password');
    const clipboard = () => page.evaluate('navigator.clipboard.readText()');
    const copy = async (what: string) => {
      await page.getByRole('button', { name: `Copy ${what}` }).click();
      await page.getByText('✓ Copied').waitFor();
      const text = await clipboard();
      await page.getByText('✓ Copied').waitFor({ state: 'detached' });
      return text;
    };
    assert.equal(await copy('key'), '/db/main/password');
    assert.equal(await copy('the value'), 'the-password');
    const root = `http://127.0.0.1:${server.port}`;
    assert.equal(await copy('curl'), `curl '${root}/v2/keys/db/main/password'`);
    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Copy curl' }).click();
    await dialog.getByText('✓ Copied').waitFor();
    const line = `curl -X DELETE '${root}/v2/keys/db/main/password?prevIndex=`;
    assert.ok(String(await clipboard()).startsWith(line));
  });

  test('copies without the clipboard of a secure page, too', async () => {
    await page.addInitScript('Object.defineProperty(navigator, "clipboard", { value: undefined })');
    await open('#/keys/db/main?key=/db/main/host');
    await page.getByRole('button', { name: 'Copy the value' }).click();
    await page.getByText('✓ Copied').waitFor();
    await page.getByLabel('Filter the names').focus();
    await page.keyboard.press('Control+V');
    assert.equal(await page.getByLabel('Filter the names').inputValue(), 'the-host');
  });

  test('says when a key expires in one word, not two', async () => {
    await server.ask('PUT', '/v2/keys/db/lease', 'value=x&ttl=277');
    await open('#/keys/db?key=/db/lease');
    await heading('/db/lease').waitFor();
    const facts = (await page.locator('.details .facts').textContent()) ?? '';
    assert.match(facts, /Expires in4 min 3[67] s$/);
  });

  const item = (name: RegExp) => page.getByRole('treeitem', { name });
  const heading = (name: string) => page.getByRole('heading', { name, exact: true });

  async function create(path: string, value: string): Promise<void> {
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Path', { exact: true }).fill(path);
    await page.getByRole('dialog').getByLabel('Value').fill(value);
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }

  async function open(hash: string): Promise<void> {
    // A page that is open already would only go to another part of itself.
    await page.goto('about:blank');
    await page.goto(`http://127.0.0.1:${server.port}/mod/dashboard/${hash}`);
  }
});
