import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readBackup } from '../backup/samples.js';
import type { RealCluster } from '../cluster/real-cluster.js';
import { until } from '../cluster/until.js';
import { noBrowser } from './browser.js';
import { accessibilityFaults, openPage } from './pages.js';
import { SharedScene } from './shared-scene.js';

const sizeMax = 120_000;

test(`the whole page is under ${sizeMax / 1000} kB, as it travels`, () => {
  const folder = fileURLToPath(new URL('../../dist/dashboard/', import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const compressed = files.filter((name) => name.endsWith('.gz'));
  assert.ok(compressed.some((name) => name.endsWith('.js.gz')));
  const sizes = compressed.map((name) => statSync(join(folder, name)).size);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(total < sizeMax, `${total} bytes`);
});

describe('the dashboard', { skip: noBrowser ?? false }, () => {
  const scene = new SharedScene();

  test('leads to the description of the API', async () => {
    const page = await openPage(scene.browser, scene.cluster, 'node1', '#/keys');
    await page.getByRole('link', { name: /OpenAPI/ }).click();
    await page.waitForURL('**/openapi.json');
    assert.match((await page.locator('body').textContent()) ?? '', /"openapi":\s*"3.1.0"/);
    await page.context().close();
  });

  test('shows a key that was changed in another browser', async () => {
    const one = await openPage(scene.browser, scene.cluster, 'node1', '#/keys/flags');
    const other = await openPage(scene.browser, scene.cluster, 'node3', '#/keys/flags');
    for (const page of [one, other]) {
      await page.getByText('● Live').waitFor();
      await page.getByRole('treeitem', { name: /maintenance/ }).click();
    }
    await one.getByRole('button', { name: 'Edit' }).click();
    await one.getByLabel('New value').fill('on since tonight');
    await one.getByRole('button', { name: 'Save' }).click();
    await other.getByRole('treeitem', { name: /on since tonight/ }).waitFor();
    assert.equal(
      await other.getByLabel('Value', { exact: true }).last().inputValue(),
      'on since tonight',
    );
    await one.context().close();
    await other.context().close();
  });

  test('shows both versions when somebody else was faster, and overwrites only what was seen', async () => {
    await scene.cluster.request('node1', 'PUT', '/v2/keys/contested', { value: 'first' });
    const page = await openPage(scene.browser, scene.cluster, 'node2', '#/keys');
    await page.getByRole('treeitem', { name: /contested/ }).click();
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('New value').fill('mine');
    await scene.cluster.request('node1', 'PUT', '/v2/keys/contested', { value: 'theirs' });
    await page.getByText('Somebody has changed it meanwhile').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Not saved.').waitFor();
    assert.equal(await page.getByLabel('Their value').inputValue(), 'theirs');
    assert.equal(await page.getByLabel('Your value').inputValue(), 'mine');
    assert.match(await (await scene.cluster.get('node1', '/v2/keys/contested')).text(), /"theirs"/);
    await page.getByRole('button', { name: 'Replace theirs with yours' }).click();
    await page.getByRole('treeitem', { name: /contested mine/ }).waitFor();
    await page.context().close();
  });

  test('creates a key with a TTL, shows hidden ones when asked, and deletes after a question', async () => {
    const page = await openPage(scene.browser, scene.cluster, 'node2', '#/keys');
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Path', { exact: true }).fill('/_secret');
    await page.getByRole('dialog').getByLabel('Value').fill('{"deep":[1]}');
    await page.getByLabel('TTL in seconds').fill('500');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal(await page.getByRole('treeitem', { name: /_secret/ }).count(), 0);
    await page.getByLabel('Hidden keys').check();
    await page.getByRole('treeitem', { name: /_secret.*8 min/ }).click();
    await page.getByRole('button', { name: 'Show the value' }).click();
    assert.match(
      await page.getByLabel('Value', { exact: true }).last().inputValue(),
      /^\{\n {2}"deep": \[\n/,
    );
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete the key' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal((await scene.cluster.get('node1', '/v2/keys/_secret')).status, 404);
    await page.context().close();
  });

  test('lets another member lead, after a question, through a member that does not', async () => {
    const leader = (await scene.cluster.leader()) ?? '';
    const [through = '', successor = ''] = scene.cluster.names.filter((name) => name !== leader);
    const page = await openPage(scene.browser, scene.cluster, through, '#/');
    const row = (name: string) => page.getByRole('row', { name: new RegExp(`^${name}`) });
    assert.equal(await row(leader).getByRole('button', { name: 'Let it lead' }).count(), 0);
    await row(successor).getByRole('button', { name: 'Let it lead' }).click();
    await page.getByRole('dialog').getByText('hands the leadership over').waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.getByRole('button', { name: `Let ${successor} lead` }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await row(successor).getByText('★ leader').waitFor();
    assert.equal(await scene.cluster.leader(), successor);
    await page.context().close();
  });

  test('downloads a backup of the cluster', async () => {
    const page = await openPage(scene.browser, scene.cluster, 'node2', '#/');
    const button = page.getByRole('button', { name: 'Download a backup' });
    await button.waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
    assert.match(download.suggestedFilename(), /^conclave-\d{8}T\d{6}Z\.backup$/);
    const { head } = readBackup(readFileSync(await download.path()));
    assert.equal(head.memberName, 'node2');
    await page.context().close();
  });

  test('moves over 5000 keys without freezing, and renders no row out of sight', async () => {
    await fillFolder(scene.cluster, 5_000);
    const page = await openPage(scene.browser, scene.cluster, 'node2', '#/keys/many');
    await page.getByRole('treeitem', { name: /key0000/ }).click();
    await page.evaluate(`
      window.longest = 0;
      let last = performance.now();
      const look = () => {
        const now = performance.now();
        window.longest = Math.max(window.longest, now - last);
        last = now;
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    `);
    await page.keyboard.press('End');
    await page.getByRole('treeitem', { name: /key4999/ }).waitFor();
    await scene.cluster.request('node1', 'PUT', '/v2/keys/many/key4998', { value: 'live' });
    await page.getByRole('treeitem', { name: /key4998 live/ }).waitFor();
    for (let press = 0; press < 20; press++) await page.keyboard.press('PageUp');
    const longest = Number(await page.evaluate('window.longest'));
    assert.ok(longest < 500, `no frame for ${longest} ms`);
    const rows = await page.getByRole('treeitem').count();
    assert.ok(rows > 10 && rows < 100, `${rows} rows`);
    await page.context().close();
  });

  test('shows who takes a lock and who waits, and gives it to the next when it is taken away', async () => {
    const page = await openPage(scene.browser, scene.cluster, 'node3', '#/locks');
    await page.getByText(/locks/).first().waitFor();
    const held = await scene.cluster.request('node1', 'POST', '/mod/v2/lock/night', {
      value: 'ann',
      ttl: 100,
    });
    assert.equal(held.status, 200);
    await page.getByRole('link', { name: /night/ }).click();
    const holder = page.locator('.holder');
    await holder.getByText('ann').waitFor();
    const waiter = scene.cluster.request('node2', 'POST', '/mod/v2/lock/night', {
      value: 'bob',
      ttl: 100,
    });
    await page.getByRole('row', { name: /bob/ }).waitFor();
    await page.getByRole('button', { name: 'Release ann' }).click();
    const question = page.getByRole('dialog');
    assert.match(
      (await question.textContent()) ?? '',
      /The place of ann, token \d+, at the lock night/,
    );
    await question.getByRole('button', { name: 'Release ann' }).click();
    assert.equal((await waiter).status, 200);
    await holder.getByText('bob').waitFor();
    await page.getByRole('row', { name: /ann.*taken away by force/ }).waitFor();
    await page.context().close();
  });

  test('copies the token of who holds a lock', async () => {
    const held = await scene.cluster.request('node1', 'POST', '/mod/v2/lock/fenced', {
      value: 'ann',
      ttl: 100,
    });
    const page = await openPage(scene.browser, scene.cluster, 'node2', '#/locks/fenced', {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.locator('.holder').getByRole('button', { name: 'Copy the token' }).click();
    await page.getByText('✓ Copied').waitFor();
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), await held.text());
    await page.context().close();
  });

  test('deposes a leader, and shows who is elected', async () => {
    const campaign = (name: string) =>
      scene.cluster.request('node2', 'PUT', '/mod/v2/leader/shift', { name, ttl: 100 });
    assert.equal((await campaign('early')).status, 200);
    const candidate = campaign('late');
    const page = await openPage(scene.browser, scene.cluster, 'node1', '#/elections/shift');
    await page.getByRole('row', { name: /late/ }).waitFor();
    await page.getByRole('button', { name: 'Depose early' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Depose early' }).click();
    await page.locator('.holder').getByText('late').waitFor();
    assert.equal((await candidate).status, 200);
    await page.context().close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`has nothing in the way of assistive technology, ${colorScheme} and narrow`, async () => {
      const viewport = { width: colorScheme === 'light' ? 1600 : 375, height: 800 };
      const page = await openPage(scene.browser, scene.cluster, 'node2', '', {
        colorScheme,
        viewport,
      });
      const hashes = [
        'overview',
        'keys/services',
        'locks/deploy/production',
        'elections/order_processing',
      ];
      for (const hash of hashes) {
        await page.evaluate((target) => location.assign(target), `#/${hash}`);
        if (hash.startsWith('keys')) await page.getByRole('treeitem').first().click();
        if (hash.startsWith('locks')) await page.getByText('Last grants').waitFor();
        await page.getByText('All 3 members answer').waitFor();
        assert.deepEqual(await accessibilityFaults(page), [], hash);
        const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        assert.ok(Number(overflow) <= 0, `${hash} is ${overflow} pixels too wide`);
      }
      await page.context().close();
    });
  }

  test('says within 3 s that the leader is lost, and that its own member is, and catches up', async () => {
    const leader = (await scene.cluster.leader()) ?? 'node1';
    const survivor = scene.cluster.names.find((name) => name !== leader) ?? 'node2';
    const fromSurvivor = await openPage(scene.browser, scene.cluster, survivor, '#/overview');
    const fromLeader = await openPage(scene.browser, scene.cluster, leader, '#/keys/flags');
    for (const page of [fromSurvivor, fromLeader])
      await page.getByText('All 3 members answer').waitFor();
    await fromLeader.getByText('● Live').waitFor();
    const killedAt = performance.now();
    await scene.cluster.cluster.kill(leader);
    await Promise.all([
      fromSurvivor
        .getByText(new RegExp(`${leader} has not answered for`))
        .waitFor({ timeout: 3_000 }),
      fromLeader
        .getByText(new RegExp(`${leader}, which serves this page, has not`))
        .waitFor({ timeout: 3_000 }),
    ]);
    const saidMs = performance.now() - killedAt;
    assert.ok(saidMs < 3_000, `said after ${saidMs} ms`);
    await fromSurvivor.getByText('one more loss stops the cluster').waitFor();
    await until(async () => {
      const answer = await scene.cluster.request(survivor, 'PUT', '/v2/keys/flags/meanwhile', {
        value: 'missed?',
      });
      return answer.status < 300;
    }, 'the survivors elect a leader');
    await scene.cluster.cluster.restart(leader);
    for (const page of [fromSurvivor, fromLeader]) {
      await page.getByText('All 3 members answer').waitFor({ timeout: 20_000 });
    }
    await fromLeader.getByRole('treeitem', { name: /meanwhile missed\?/ }).waitFor();
    await fromLeader.getByText('● Live').waitFor();
    await fromSurvivor.context().close();
    await fromLeader.context().close();
  });
});

/** Without an HTTP client, whose work for each answer would take longer than the members'. */
async function fillFolder(cluster: RealCluster, count: number): Promise<void> {
  const { hostname, port } = new URL(cluster.url('node1', '/'));
  const perSocket = 100;
  const ended = Array.from({ length: count / perSocket }, async (_, part) => {
    const socket = connect(Number(port), hostname).resume();
    for (let at = part * perSocket; at < (part + 1) * perSocket; at++) {
      const target = `/v2/keys/many/key${String(at).padStart(4, '0')}?value=${at}`;
      const connection = at + 1 === (part + 1) * perSocket ? 'close' : 'keep-alive';
      socket.write(
        `PUT ${target} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: ${connection}\r\nContent-Length: 0\r\n\r\n`,
      );
    }
    await once(socket, 'close');
  });
  await Promise.all(ended);
}
