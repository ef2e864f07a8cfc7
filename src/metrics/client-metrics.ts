import type { RequestCount } from '../service/request-counts.js';
import type { Collection, LabelledValue } from './collection.js';
import type { MetricSources } from './metric-sources.js';

/** The answers to clients: those of the keys with the names of etcd's v2 API, and all with ours. */
export function addClientMetrics(collection: Collection, { context }: MetricSources): void {
  const all = () => context.requestCounts.describe();
  const ofKeys = () => all().filter(({ api }) => api === 'keys');
  collection.counters(
    'conclave_http_requests_total',
    'Answers to requests, or the beginnings of their answers.',
    ['api', 'method', 'code'],
    () => all().flatMap((count) => byCode(count, { api: count.api }, () => true)),
  );
  collection.counters('etcd_http_received_total', 'Answers to requests for keys.', ['method'], () =>
    ofKeys().map(({ method, byStatus }) => ({ labels: { method }, value: total(byStatus) })),
  );
  collection.counters(
    'etcd_http_failed_total',
    'Requests for keys that were answered with 400 or more.',
    ['method', 'code'],
    () => ofKeys().flatMap((count) => byCode(count, {}, (status) => status >= 400)),
  );
  collection.histograms(
    'etcd_http_successful_duration_seconds',
    'From a request for keys to its answer, without watches and long listings.',
    ['method'],
    () => ofKeys().map(({ method, durations }) => ({ labels: { method }, counts: durations })),
  );
}

function byCode(
  { method, byStatus }: RequestCount,
  more: Readonly<Record<string, string>>,
  counts: (status: number) => boolean,
): readonly LabelledValue[] {
  return [...byStatus]
    .filter(([status]) => counts(status))
    .map(([status, value]) => ({ labels: { ...more, method, code: String(status) }, value }));
}

function total(byStatus: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const count of byStatus.values()) sum += count;
  return sum;
}
