// Makes the pictures in docs/images: `npm run screenshots`.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { asBuilt, RealCluster } from '../cluster/real-cluster.js';
import { launchBrowser } from './browser.js';
import { setScene } from './scene.js';

const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const member = 'node2';
/** So long the charts are fed before they are pictured. */
const chartsMs = 40_000;

const pages = [
  { name: 'overview', path: '#/overview' },
  { name: 'keys', path: '#/keys/services/billing' },
  { name: 'locks', path: '#/locks/deploy/production' },
  { name: 'elections', path: '#/elections/order_processing' },
] as const;

mkdirSync(folder, { recursive: true });
await using cluster = await RealCluster.start([], asBuilt);
const browser = await launchBrowser();
const writing = setInterval(() => {
  const form = { value: String(Math.random()) };
  for (let i = 0; i < 3 + 8 * Math.random(); i++)
    void cluster.request('node1', 'PUT', '/v2/keys/flags/load', form);
}, 100);
try {
  const wide = { width: 1600, height: 900 };
  const overviews = [await open(browser, 'light', wide), await open(browser, 'dark', wide)];
  await new Promise((later) => setTimeout(later, chartsMs / 2));
  await electAnother();
  await new Promise((later) => setTimeout(later, chartsMs / 2));
  await setScene(cluster);
  for (const [at, scheme] of (['light', 'dark'] as const).entries()) {
    const page = overviews[at];
    if (page === undefined) continue;
    for (const { name, path } of pages) await picture(page, path, `${name}-${scheme}`);
  }
  await picture(
    await open(browser, 'light', { width: 375, height: 812 }),
    '#/locks/deploy/production',
    'locks-narrow',
  );
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

/** So that the charts show one. */
async function electAnother(): Promise<void> {
  const leader = await cluster.leader();
  if (leader === undefined || leader === member) return;
  await cluster.cluster.kill(leader);
  await cluster.cluster.restart(leader);
}

async function picture(page: Page, path: string, name: string): Promise<void> {
  await page.evaluate((hash) => location.assign(hash), path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  if (path.startsWith('#/keys')) {
    await page.getByRole('treeitem', { name: /instances/ }).click();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('treeitem', { name: /config/ }).click();
  }
  if (path.includes('/locks/') || path.includes('/elections/')) {
    await page.getByRole('heading', { name: 'Last grants' }).waitFor();
  }
  await page.waitForTimeout(1200);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  console.log(`${name}.png`);
}
