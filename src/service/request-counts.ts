import { doublingBounds, Histogram, type HistogramCounts } from '../histogram.js';

/** Which API a request is for. */
export type ApiName = 'keys' | 'locks' | 'elections' | 'other';

/** The requests of one API with one method. */
export interface RequestCount {
  readonly api: ApiName;
  readonly method: string;
  readonly byStatus: ReadonlyMap<number, number>;
  /** Milliseconds, of those that succeeded at once: neither a watch nor a long answer. */
  readonly durations: HistogramCounts;
}

/** Milliseconds: from half of one up to 4 seconds, as etcd has them for its v2 API. */
const bounds = doublingBounds(0.5, 14);

class MethodCount {
  readonly byStatus = new Map<number, number>();
  readonly durations = new Histogram(bounds);
}

/** Counts the answers to clients. The methods are those that the APIs know, so they are few. */
export class RequestCounts {
  readonly #apis: Readonly<Record<ApiName, Map<string, MethodCount>>> = {
    keys: new Map(),
    locks: new Map(),
    elections: new Map(),
    other: new Map(),
  };

  /** @param durationMs undefined when the time says nothing of this member, as that of a wait. */
  answered(api: ApiName, method: string, status: number, durationMs: number | undefined): void {
    const methods = this.#apis[api];
    let count = methods.get(method);
    if (count === undefined) {
      count = new MethodCount();
      methods.set(method, count);
    }
    count.byStatus.set(status, (count.byStatus.get(status) ?? 0) + 1);
    if (durationMs !== undefined && status < 400) count.durations.add(durationMs);
  }

  describe(): readonly RequestCount[] {
    return Object.entries(this.#apis).flatMap(([api, methods]) =>
      [...methods].map(([method, { byStatus, durations }]) => ({
        api: api as ApiName,
        method,
        byStatus,
        durations: durations.describe(),
      })),
    );
  }
}
