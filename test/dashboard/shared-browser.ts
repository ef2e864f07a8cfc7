import { after } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser } from './browser.js';

let launched: Promise<Browser> | undefined;

/**
 * One for all suites of this process: its start takes a second or two. Each suite has a context of
 * its own, and closes it.
 */
export function sharedBrowser(): Promise<Browser> {
  launched ??= launchBrowser();
  return launched;
}

after(async () => await (await launched)?.close());
