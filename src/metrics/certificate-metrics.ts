import type { Collection } from './collection.js';
import type { MetricSources } from './metric-sources.js';

/** Nothing where TLS is not spoken. */
export function addCertificateMetrics(collection: Collection, sources: MetricSources): void {
  collection.gauges(
    'conclave_certificate_expiry_timestamp_seconds',
    'When the certificate for clients, or for peers, expires.',
    ['face'],
    () =>
      Object.entries(sources.certificates()).flatMap(([face, expiresAt]) =>
        expiresAt === undefined ? [] : [{ labels: { face }, value: expiresAt / 1000 }],
      ),
  );
}
