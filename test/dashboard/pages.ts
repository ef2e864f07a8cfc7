import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { RealCluster } from '../cluster/real-cluster.js';

const require = createRequire(import.meta.url);
const axePath = require.resolve('axe-core/axe.min.js');

/**
 * A page of the dashboard, opened at a member; what it complains of in the console fails the test.
 */
export async function openPage(
  browser: Browser,
  cluster: RealCluster,
  member: string,
  hash: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(8_000);
  page.on('pageerror', (error) => assert.fail(`the page threw ${error.stack}`));
  page.on('console', (message) => {
    // A refused request or a lost member is part of what is tested; a breach of policy is not.
    if (/Content Security Policy/i.test(message.text())) assert.fail(message.text());
  });
  await page.goto(cluster.url(member, `/mod/dashboard/${hash}`));
  return page;
}

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe-core finds to be wrong for people who use assistive technology. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  // As the browser's own tool would: the page's policy allows no script from elsewhere.
  await page.evaluate(await readFile(axePath, 'utf8'));
  const violations: readonly Violation[] = await page.evaluate(
    'axe.run(document).then(({ violations }) => violations)',
  );
  return violations.map(({ id, impact, nodes }) => {
    const places = nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`);
    return `${id} (${impact}): ${places.join('\n')}`;
  });
}
