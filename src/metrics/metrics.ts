import { Registry } from 'prom-client';
import { addCertificateMetrics } from './certificate-metrics.js';
import { addClientMetrics } from './client-metrics.js';
import { Collection } from './collection.js';
import { addDiskMetrics } from './disk-metrics.js';
import { addLimitMetrics } from './limit-metrics.js';
import { addLockMetrics } from './lock-metrics.js';
import type { MetricSources } from './metric-sources.js';
import { addPeerMetrics } from './peer-metrics.js';
import { addProcessMetrics } from './process-metrics.js';
import { addRaftMetrics } from './raft-metrics.js';
import { addStoreMetrics } from './store-metrics.js';

/** All that one member tells Prometheus. Nothing is computed but at a scrape. */
export class Metrics {
  readonly #registry = new Registry();

  constructor(sources: MetricSources) {
    const collection = new Collection(this.#registry);
    addRaftMetrics(collection, sources);
    addDiskMetrics(collection, sources);
    addPeerMetrics(collection, sources);
    addStoreMetrics(collection, sources);
    addLockMetrics(collection, sources);
    addLimitMetrics(collection, sources);
    addClientMetrics(collection, sources);
    addCertificateMetrics(collection, sources);
  }

  /** Metrics of the process, which other members in the same process would have too. */
  measureProcess(): void {
    addProcessMetrics(this.#registry);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  render(): Promise<string> {
    return this.#registry.metrics();
  }
}
