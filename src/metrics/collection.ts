import { Counter, Gauge, type Registry } from 'prom-client';
import type { HistogramCounts } from '../histogram.js';
import { CollectedHistogram } from './collected-histogram.js';

export type Labels = Readonly<Record<string, string>>;

export interface LabelledValue {
  readonly labels: Labels;
  readonly value: number;
}

export interface LabelledHistogram {
  readonly labels: Labels;
  /** In milliseconds; Prometheus is told seconds. */
  readonly counts: HistogramCounts;
}

/** Undefined while it is not known: then nothing is shown. */
type Read = () => number | undefined | Promise<number | undefined>;

/** Declares metrics whose values are read at each scrape, from where they are counted anyway. */
export class Collection {
  readonly #registers: [Registry];

  constructor(registry: Registry) {
    this.#registers = [registry];
  }

  gauge(name: string, help: string, read: Read): void {
    this.gauges(name, help, [], async () => unlabelled(await read()));
  }

  gauges(
    name: string,
    help: string,
    labelNames: readonly string[],
    read: () => readonly LabelledValue[] | Promise<readonly LabelledValue[]>,
  ): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: this.#registers,
      async collect() {
        const values = await read();
        this.reset();
        if (labelNames.length === 0 && values.length === 0) this.remove();
        for (const { labels, value } of values) this.set(labels, value);
      },
    });
  }

  counter(name: string, help: string, read: () => number): void {
    this.counters(name, help, [], () => unlabelled(read()));
  }

  counters(
    name: string,
    help: string,
    labelNames: readonly string[],
    read: () => readonly LabelledValue[],
  ): void {
    new Counter({
      name,
      help,
      labelNames,
      registers: this.#registers,
      collect() {
        this.reset();
        for (const { labels, value } of read()) this.inc(labels, value);
      },
    });
  }

  histogram(name: string, help: string, read: () => HistogramCounts): void {
    this.histograms(name, help, [], () => [{ labels: {}, counts: read() }]);
  }

  histograms(
    name: string,
    help: string,
    labelNames: readonly string[],
    read: () => readonly LabelledHistogram[],
  ): void {
    new CollectedHistogram({ name, help, labelNames, registers: this.#registers }, read);
  }
}

function unlabelled(value: number | undefined): readonly LabelledValue[] {
  return value === undefined ? [] : [{ labels: {}, value }];
}
