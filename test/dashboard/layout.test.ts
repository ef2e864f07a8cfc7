import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { noBrowser } from './browser.js';
import { openPage } from './pages.js';
import { SharedScene } from './scene.js';

const widths = [375, 1400] as const;

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
    for (const [hash, text] of shown) {
      test(`#/${hash} at ${width} px`, async () => {
        const page = await open(width, hash, text);
        assert.deepEqual(await faultsOf(page), []);
        await page.context().close();
      });
    }

    test(`the form of a new key, and the question before a release, at ${width} px`, async () => {
      const page = await open(width, 'keys', 'Choose a key');
      await page.getByRole('button', { name: 'New key' }).click();
      assert.deepEqual(await faultsOf(page), []);
      await page.context().close();
      const locks = await open(width, 'locks/deploy/production', 'Last grants');
      await locks.getByRole('button', { name: 'Release ci-runner-7' }).click();
      assert.deepEqual(await faultsOf(locks), []);
      await locks.context().close();
    });
  }

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
