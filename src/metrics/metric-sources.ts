import type { ServiceContext } from '../service/service-context.js';
import type { LimitUse } from '../view/limit-use.js';

/** What is measured. */
export interface MetricSources {
  readonly context: ServiceContext;
  readonly clientConnections: () => LimitUse;
  /** When they expire, in milliseconds of wall time; undefined where there are none. */
  readonly certificates: () => Readonly<Record<'clients' | 'peers', number | undefined>>;
  /** What the file system of the data directory has left. */
  readonly diskFreeBytes: () => Promise<number>;
}
