import { Histogram, type HistogramConfiguration } from 'prom-client';
import type { HistogramCounts } from '../histogram.js';

interface Collected {
  readonly labels: Readonly<Record<string, string>>;
  readonly counts: HistogramCounts;
}

interface Line {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * A histogram of durations that were counted elsewhere. That of prom-client hashes its labels for
 * each value, which is too much for each write.
 */
export class CollectedHistogram extends Histogram {
  readonly #config: HistogramConfiguration<string>;
  readonly #read: () => readonly Collected[];

  constructor(config: HistogramConfiguration<string>, read: () => readonly Collected[]) {
    super(config);
    this.#config = config;
    this.#read = read;
  }

  /** What the registry prints. It is in prom-client, and not in its types. */
  async getForPromString(): Promise<object> {
    const { name, help } = this.#config;
    const values = this.#read().flatMap((collected) => linesOf(name, collected));
    return { name, help, type: 'histogram', values, aggregator: 'sum' };
  }
}

/** As Prometheus demands, a bucket counts all those below it too, and seconds are the unit. */
function linesOf(name: string, { labels, counts: { bounds, counts, sum } }: Collected): Line[] {
  let below = 0;
  const buckets = counts.map((count, bucket) => {
    below += count;
    const bound = bounds[bucket];
    const le = bound === undefined ? '+Inf' : String(bound / 1000);
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: below };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum / 1000 },
    { metricName: `${name}_count`, labels, value: below },
  ];
}
