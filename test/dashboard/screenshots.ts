// Makes the pictures in docs/images: `npm run screenshots`.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { RealCluster } from '../cluster/real-cluster.js';
import { launchBrowser } from './browser.js';
import { setScene } from './scene.js';

const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url));
/** So long the charts are fed before they are pictured. */
const chartsMs = 40_000;

/** The one picture of a cluster that is not well. */
const lost = 'member-lost-dark';

const pages = [
  { name: 'overview', path: '#/overview' },
  { name: 'keys', path: '#/keys/services/billing' },
  { name: 'locks', path: '#/locks/deploy/production' },
  { name: 'elections', path: '#/elections/order_processing' },
] as const;

mkdirSync(folder, { recursive: true });
await using cluster = await RealCluster.start();
const leader = await cluster.leader();
// A follower, since the leader will be killed so that the charts show an election.
const member = cluster.names.find((name) => name !== leader) ?? 'node2';
const browser = await launchBrowser();
const writing = setInterval(() => {
  const form = { value: String(Math.random()) };
  for (let i = 0; i < 3 + 8 * Math.random(); i++)
    void cluster.request('node1', 'PUT', '/v2/keys/flags/load', form);
}, 100);
try {
  const wide = { width: 1400, height: 900 };
  const overviews = [await open(browser, 'light', wide), await open(browser, 'dark', wide)];
  await new Promise((later) => setTimeout(later, chartsMs / 2));
  await killAndRestart(leader);
  await new Promise((later) => setTimeout(later, chartsMs / 2));
  await setScene(cluster);
  await takeAway('reports/readers', 'report-b');
  const phone = await open(browser, 'light', { width: 375, height: 812 });
  for (const { name, path } of pages) await picture(phone, path, `${name}-narrow`, true);
  for (const [at, scheme] of (['light', 'dark'] as const).entries()) {
    const page = overviews[at];
    if (page === undefined) continue;
    for (const { name, path } of pages) await picture(page, path, `${name}-${scheme}`, false);
  }
  const other = cluster.names.find((name) => name !== member && name !== leader) ?? 'node3';
  await cluster.cluster.kill(other);
  const [, dark] = overviews;
  if (dark !== undefined) {
    await dark.getByText(`${other} has not answered for 12 s`).waitFor();
    await picture(dark, '#/overview', lost, false);
  }
} finally {
  clearInterval(writing);
  await browser.close();
}

async function open(
  from: Browser,
  colorScheme: 'light' | 'dark',
  viewport: { readonly width: number; readonly height: number },
): Promise<Page> {
  const page = await from.newPage({ viewport, colorScheme });
  await page.goto(cluster.url(member, '/mod/dashboard/'));
  return page;
}

/** As the dashboard does it, so that the list of events has one of these. */
async function takeAway(lock: string, value: string): Promise<void> {
  await cluster.request(member, 'DELETE', `/mod/v2/lock/${lock}?value=${value}&force=true`);
}

async function killAndRestart(name: string | undefined): Promise<void> {
  if (name === undefined) return;
  await cluster.cluster.kill(name);
  await cluster.cluster.restart(name);
}

async function picture(page: Page, path: string, name: string, fullPage: boolean): Promise<void> {
  await page.evaluate((hash) => location.assign(hash), path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  if (name !== lost) await page.getByText('All 3 members answer').waitFor();
  if (path.startsWith('#/keys')) {
    await page.getByRole('treeitem', { name: /instances/ }).click();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('treeitem', { name: /^a/ }).waitFor();
    await page.getByRole('treeitem', { name: /config/ }).click();
  }
  if (path.includes('/locks/') || path.includes('/elections/')) {
    await page.getByRole('heading', { name: 'Last grants' }).waitFor();
  }
  await page.mouse.move(0, 0);
  await page.waitForTimeout(1200);
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
  console.log(`${name}.png`);
}
