import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { noBrowser } from './browser.js';
import { openPage } from './pages.js';
import { SharedScene } from './shared-scene.js';

const widths = [375, 1400] as const;

const largeFigures = {
  ...{ term: 1234, commitIndex: 123_456_789, appliedIndex: 123_456_789, watchers: 12_345 },
  ...{ rssBytes: 1_111_111_111, diskBytes: 111_111_111_111, upMs: 12_345_678_000 },
};

/** What is shown, and what to wait for. */
const shown = [
  ['overview', 'What node1 has seen'],
  ['keys/services/billing?key=/services/billing/config', 'Changed at index'],
  ['keys/services/nothing-here', 'No such folder'],
  ['locks', 'Choose a name'],
  ['locks/deploy/production', 'Last grants'],
  ['locks/gpu-pool', 'Last grants'],
  ['elections/order_processing', 'Last grants'],
] as const;

describe('nothing lies on or beside anything else', { skip: noBrowser ?? false }, () => {
  const scene = new SharedScene();

  for (const width of widths) {
    describe(`at ${width} px`, () => {
      let page: Page;
      before(async () => {
        page = await openPage(scene.browser, scene.cluster, 'node1', '', {
          viewport: { width, height: 900 },
        });
      });
      after(async () => await page.context().close());

      const show = async (hash: string, text: string) => {
        // A page that is open already would show what it did for a moment.
        await page.goto('about:blank');
        await page.goto(scene.cluster.url('node1', `/mod/dashboard/#/${hash}`));
        await page.getByText('All 3 members answer').waitFor();
        await page.getByText(text).first().waitFor();
      };

      for (const [hash, text] of shown) {
        test(`#/${hash}`, async () => {
          await show(hash, text);
          assert.deepEqual(await faultsOf(page), []);
        });
      }

      test('the form of a new key, and the question before a release', async () => {
        await show('keys', 'Choose a key');
        await ask('New key');
        await show('locks/deploy/production', 'Last grants');
        await ask('Release ci-runner-7');
      });

      test('the questions before the members change', async () => {
        await show('overview', 'What node1 has seen');
        for (const name of ['Add a member', 'Replace node2', 'Remove node2']) await ask(name);
      });

      const ask = async (name: string) => {
        await page.getByRole('button', { name }).click();
        assert.deepEqual(await faultsOf(page), [], name);
        await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
      };
    });
  }

  test('from 1240 px on the members are a table, whatever their figures are', async () => {
    const page = await open(1240, 'overview', 'What node1 has seen');
    await page.route('**/v2/stats/cluster', async (route) => {
      const view = JSON.parse(await (await route.fetch()).text());
      for (const { report } of view.members) Object.assign(report, largeFigures);
      const [silent, campaigning] = view.members.filter(({ self }: { self: boolean }) => !self);
      Object.assign(silent, { reachable: false, silentMs: 1_379_000 });
      Object.assign(campaigning.report, { role: 'preCandidate' });
      await route.fulfill({ json: view });
    });
    await page.getByText('Silent for').waitFor();
    assert.deepEqual(await faultsOf(page), []);
    const display = await page
      .locator('.members')
      .evaluate((table) => getComputedStyle(table).display);
    assert.equal(display, 'table');
    await page.context().close();
  });

  test('on a phone the members are cards, with their figures at the left', async () => {
    const page = await open(375, 'overview', 'What node1 has seen');
    const aligned: readonly string[] = await page.evaluate(`
      [...document.querySelectorAll('.members td')].map((cell) => getComputedStyle(cell).textAlign)
    `);
    assert.deepEqual([...new Set(aligned)], ['left']);
    await page.context().close();
  });

  test('on a phone the details of a key follow its short list at once', async () => {
    const page = await open(375, 'keys/flags?key=/flags/maintenance', 'Changed at index');
    const gap = await page.evaluate(`
      document.querySelector('.details').getBoundingClientRect().top -
        [...document.querySelectorAll('.tree-row')].at(-1).getBoundingClientRect().bottom
    `);
    assert.ok(Number(gap) < 60, `${gap} px of nothing between them`);
    await page.context().close();
  });

  async function open(width: number, hash: string, text: string): Promise<Page> {
    const viewport = { width, height: 900 };
    const page = await openPage(scene.browser, scene.cluster, 'node1', `#/${hash}`, { viewport });
    await page.getByText('All 3 members answer').waitFor();
    await page.getByText(text).first().waitFor();
    return page;
  }
});

/**
 * What is cut off, lies on another thing, or is too small to be used, as the browser measures it.
 */
async function faultsOf(page: Page): Promise<readonly string[]> {
  return await page.evaluate(`(() => {
    const faults = [];
    const nameOf = (element) =>
      element.tagName.toLowerCase() + '.' + element.className + ' "' +
      (element.getAttribute('aria-label') ?? element.textContent ?? '').slice(0, 40) + '"';
    const isSeen = (element) =>
      element.checkVisibility({ visibilityProperty: true }) &&
      element.closest('.visually-hidden, .skip-link, thead') === null;
    const room = document.querySelector('dialog[open]') ?? document.querySelector('#app');
    const all = [...room.querySelectorAll('*')].filter(isSeen);
    const tooWide = document.documentElement.scrollWidth - innerWidth;
    if (tooWide > 0) faults.push('the page is ' + tooWide + ' px too wide');
    for (const element of all) {
      const { left, right } = element.getBoundingClientRect();
      if (element.closest('.windowed, canvas, svg') === null && (left < -1 || right > innerWidth + 1)) {
        faults.push(nameOf(element) + ' reaches from ' + left + ' to ' + right);
      }
      const style = getComputedStyle(element);
      const scrolls = element.matches('input, textarea, select') || style.overflowX !== 'visible';
      if (!scrolls && element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1) {
        faults.push(nameOf(element) + ' holds ' + element.scrollWidth + ' px in ' + element.clientWidth);
      }
    }
    const usable = all.filter((element) => element.matches('button, input, select, textarea, a, summary'));
    for (const [at, one] of usable.entries()) {
      const a = one.getBoundingClientRect();
      if (one.matches('input[type=text], input[type=search], textarea') && a.width < 120) {
        faults.push(nameOf(one) + ' is ' + a.width + ' px wide');
      }
      for (const other of usable.slice(at + 1)) {
        if (one.contains(other) || other.contains(one)) continue;
        const b = other.getBoundingClientRect();
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 1.5 && down > 1.5 && one.closest('.windowed') === other.closest('.windowed')) {
          faults.push(nameOf(one) + ' lies on ' + nameOf(other));
        }
      }
    }
    return faults;
  })()`);
}
