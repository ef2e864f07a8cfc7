import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** Where the system keeps Chromium; undefined when it has none. */
export const chromiumPath: string | undefined = ['chromium', 'chromium-browser', 'google-chrome']
  .flatMap((name) =>
    (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)),
  )
  .find(existsSync);

/**
 * A reason to skip what needs a browser; undefined when there is one. Where CI is set, a skip
 * fails.
 */
export const noBrowser: string | undefined =
  chromiumPath === undefined ? 'needs Chromium: apt-get install chromium' : undefined;

export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: chromiumPath ?? 'chromium',
    // Chromium refuses its own sandbox to root, as whom containers run.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}
