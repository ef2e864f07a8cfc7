import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { readAssets } from '../../src/http/dashboard/assets.js';
import { memberId } from '../../src/ids.js';
import { ChangingCluster } from '../cluster/changing-cluster.js';
import { ApiServer } from '../support/api-server.js';
import { noBrowser } from './browser.js';
import { accessibilityFaults } from './pages.js';
import { sharedBrowser } from './shared-browser.js';

const dist = fileURLToPath(new URL('../../dist/dashboard/', import.meta.url));

/** What a real member needs on a machine that is busy. */
const patienceMs = 30_000;

describe('the members change on the page', { skip: noBrowser ?? false }, () => {
  let cluster: ChangingCluster;
  let page: Page;

  before(async () => {
    const [browser, started] = await Promise.all([
      sharedBrowser(),
      ChangingCluster.start(['n1', 'n2', 'n3', 'n4'], ['n1', 'n2', 'n3']),
    ]);
    cluster = started;
    page = await browser.newPage();
    page.setDefaultTimeout(patienceMs);
    await page.goto(`${cluster.clientUrl('n1')}/mod/dashboard/`);
  });

  after(async () => {
    await page?.context().close();
    await cluster?.[Symbol.asyncDispose]();
  });

  test('one is added, after a refusal in words, and the page tells how it is started', async () => {
    await page.getByRole('button', { name: 'Add a member' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('n4');
    await dialog.getByLabel('Peer URL').fill(cluster.peerUrl('n2'));
    await dialog.getByRole('button', { name: 'Add n4' }).click();
    await dialog.getByText('membership: peerURL exists.').waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    await dialog.getByLabel('Peer URL').fill(cluster.peerUrl('n4'));
    await dialog.getByRole('button', { name: 'Add n4' }).click();
    await dialog.getByText('conclave server --name n4').waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await row('n4').getByText('Never answered').waitFor();
    cluster.join('n4', 'n1');
    await row('n4').getByText('follower').waitFor();
    await cluster.areVoters('n1', 'n1', 'n2', 'n3', 'n4');
  });

  test('one whose disk is lost is replaced by one of its name', async () => {
    const before = await idOf('n4');
    await cluster.kill('n4');
    cluster.loseDisk('n4');
    await page.getByRole('button', { name: 'Replace n4' }).click();
    const dialog = page.getByRole('dialog');
    assert.equal(await dialog.getByLabel('Peer URL').inputValue(), cluster.peerUrl('n4'));
    await dialog.getByRole('button', { name: 'Replace n4' }).click();
    await dialog.getByText('conclave server --name n4').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    cluster.join('n4', 'n1');
    await row('n4').getByText('follower').waitFor();
    assert.notEqual(await idOf('n4'), before);
  });

  test('one is removed, after a question that says how many are left', async () => {
    await page.getByRole('button', { name: 'Remove n4' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('3 members are left that vote; 2 of them must answer').waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    await dialog.getByRole('button', { name: 'Remove n4' }).click();
    await dialog.waitFor({ state: 'detached' });
    await row('n4').waitFor({ state: 'detached' });
    await cluster.areVoters('n1', 'n1', 'n2', 'n3');
    await cluster.ended('n4');
  });

  function row(name: string) {
    return page.getByRole('row', { name: new RegExp(`^${name}`) });
  }

  async function idOf(name: string): Promise<string | undefined> {
    return (await cluster.members('n1')).find((member) => member.name === name)?.id;
  }
});

test('who takes the place of a learner for good stays one', {
  skip: noBrowser ?? false,
}, async () => {
  await using server = await ApiServer.start({ dashboard: readAssets(dist) });
  const bob = memberId('00000000000000bb');
  const peerUrls = ['http://10.0.0.2:7001'];
  server.coordinator.configured = [
    { memberId: bob, name: 'bob', peerUrls, isLearner: true, staysLearner: true },
  ];
  const page = await (await sharedBrowser()).newPage();
  await page.goto(`http://127.0.0.1:${server.port}/mod/dashboard/`);
  await page.getByRole('button', { name: 'Replace bob' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Replace bob' }).click();
  await page.getByText('conclave server --name bob').waitFor();
  const [, addition] = server.coordinator.membersChanges;
  assert.ok(addition?.type === 'add' && addition.member.staysLearner);
  await page.context().close();
});
