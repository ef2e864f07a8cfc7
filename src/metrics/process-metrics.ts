import { readdir } from 'node:fs/promises';
import { collectDefaultMetrics, type Registry } from 'prom-client';
import { Collection } from './collection.js';

/** They list every connection in one step, which takes too long where there are thousands. */
const unbounded = [
  'process_open_fds',
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_requests',
  'nodejs_active_requests_total',
  'nodejs_active_resources',
  'nodejs_active_resources_total',
];

/** How often the event loop is looked at. */
const lagPrecisionMs = 20;

/** CPU, memory, garbage collection, file descriptors, and how late the event loop is. */
export function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: lagPrecisionMs });
  const hasDescriptors = registry.getSingleMetric('process_open_fds') !== undefined;
  for (const name of unbounded) registry.removeSingleMetric(name);
  if (!hasDescriptors) return;
  new Collection(registry).gauge(
    'process_open_fds',
    'Open files and connections.',
    async () => (await readdir('/proc/self/fd')).length,
  );
}
