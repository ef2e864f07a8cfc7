import type { LimitUse } from '../view/limit-use.js';
import type { Collection } from './collection.js';
import type { MetricSources } from './metric-sources.js';

/** What is bounded, how much of it is used, and how often a client was refused because of it. */
export function addLimitMetrics(collection: Collection, sources: MetricSources): void {
  const { coordinator, waitLimit, listingLimit, bodyAdmission } = sources.context;
  const limits = (): Readonly<Record<string, LimitUse>> => {
    const { proposals } = coordinator.measurements();
    const { pending, pendingMax, refusedByCount } = proposals;
    const { pendingBytes, pendingBytesMax, refusedByBytes } = proposals;
    return {
      client_connections: sources.clientConnections(),
      waiting_requests: waitLimit.describe(),
      long_answers: listingLimit.describe(),
      large_bodies_bytes: bodyAdmission.describe(),
      pending_commands: { used: pending, max: pendingMax, refused: refusedByCount },
      pending_commands_bytes: {
        used: pendingBytes,
        max: pendingBytesMax,
        refused: refusedByBytes,
      },
    };
  };
  const values = (read: (use: LimitUse) => number) => () =>
    Object.entries(limits()).map(([limit, use]) => ({ labels: { limit }, value: read(use) }));
  collection.gauges(
    'conclave_limit_used',
    'How much of a limit is used.',
    ['limit'],
    values(({ used }) => used),
  );
  collection.gauges(
    'conclave_limit_max',
    'The limit.',
    ['limit'],
    values(({ max }) => max),
  );
  collection.counters(
    'conclave_limit_refused_total',
    'Requests and connections that found no room.',
    ['limit'],
    values(({ refused }) => refused),
  );
}
