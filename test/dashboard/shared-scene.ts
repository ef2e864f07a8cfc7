import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { Browser } from 'playwright-core';
import { RealCluster } from '../cluster/real-cluster.js';
import { setScene } from './scene.js';
import { sharedBrowser } from './shared-browser.js';

/** For all tests of the suite that calls it: one cluster in which something goes on. */
export class SharedScene {
  #cluster: RealCluster | undefined;
  #browser: Browser | undefined;

  constructor() {
    before(async () => {
      [this.#cluster, this.#browser] = await Promise.all([RealCluster.start(), sharedBrowser()]);
      await setScene(this.#cluster);
    });
    after(async () => {
      await this.#cluster?.[Symbol.asyncDispose]();
    });
  }

  get cluster(): RealCluster {
    assert.ok(this.#cluster, 'the tests have begun');
    return this.#cluster;
  }

  get browser(): Browser {
    assert.ok(this.#browser, 'the tests have begun');
    return this.#browser;
  }
}
