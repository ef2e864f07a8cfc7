import { type CertainHold, type ClockBounds, certainHolds } from './certain-holds.js';
import { describe, type LockOperation, type ViewOperation } from './operation.js';

/** A time in which one leader led, and nothing disturbed it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface TtlBounds extends ClockBounds {
  /** In these a TTL is over in time. */
  readonly calm: readonly Span[];
  readonly lateMsMax: number;
}

/** No TTL ends early, and none late while there is a leader. */
export function ttlFaults(
  operations: readonly LockOperation[],
  bounds: TtlBounds,
): readonly string[] {
  const holds = new Map(certainHolds(operations, bounds).map((hold) => [hold.token, hold]));
  return operations.flatMap((operation) => {
    if (operation.type === 'view') {
      return [...missingHolders(operation, holds), ...lateHolders(operation, holds, bounds)];
    }
    if (operation.type === 'acquire' || operation.result !== 'fail') return [];
    const hold = holds.get(operation.token);
    return hold !== undefined && isEarly(hold, operation) ? [early(hold, operation)] : [];
  });
}

/** The token was not there some time between `start` and `end`, but had to be. */
function isEarly(hold: CertainHold, { start, end }: LockOperation): boolean {
  return start >= hold.from && end < hold.to;
}

function early(hold: CertainHold, operation: LockOperation): string {
  const by = (hold.to - operation.end).toFixed(1);
  return `token ${hold.token} ended ${by} ms or more before its TTL: ${describe(operation)}`;
}

function missingHolders(
  view: ViewOperation,
  holds: ReadonlyMap<number, CertainHold>,
): readonly string[] {
  const shown = new Set(view.holders.map(({ token }) => token));
  return [...holds.values()]
    .filter((hold) => !shown.has(hold.token) && isEarly(hold, view))
    .map((hold) => early(hold, view));
}

function lateHolders(
  view: ViewOperation,
  holds: ReadonlyMap<number, CertainHold>,
  { calm, lateMsMax }: TtlBounds,
): readonly string[] {
  return view.holders.flatMap(({ token }) => {
    const overAt = holds.get(token)?.overAt ?? Number.POSITIVE_INFINITY;
    const limit = overAt + lateMsMax;
    const isCalm = calm.some(({ from, to }) => from <= overAt && to >= limit);
    if (!isCalm || view.start <= limit) return [];
    return [`token ${token} was over at ${overAt.toFixed(1)}, and holds still: ${describe(view)}`];
  });
}
