import {
  describe,
  isKept,
  isTold,
  type KeptOperation,
  type LockOperation,
  mayJoin,
  type ToldOperation,
  type ViewOperation,
} from './operation.js';

/**
 * First come, first served: the queue is in the order of its tokens, those at its front hold, who
 * comes later stands behind all that were seen in it, and nobody waits any more behind whom
 * somebody already held.
 */
export function queueFaults(operations: readonly LockOperation[]): readonly string[] {
  const views = operations.filter(({ type }) => type === 'view') as ViewOperation[];
  const places = operations.filter(isKept).map(placeShown);
  const told = operations.filter(isTold);
  // Who has a value may join an older place, which these do not show.
  const strangers = told.filter(({ value, place }) => value === '' && place === undefined);
  return [
    ...views.flatMap(disorder),
    ...newcomersAhead(told, views),
    ...newcomersAhead(strangers, places),
    ...overtaken(told, [...views, ...places]),
  ];
}

/** Who is told that it waits sees its own place. */
function placeShown({ client, lock, start, end, value, result }: KeptOperation): ViewOperation {
  const waiting = [{ token: result.token, value }];
  return { type: 'view', client, lock, start, end, holders: [], waiting };
}

function disorder(view: ViewOperation): readonly string[] {
  const tokens = [...view.holders, ...view.waiting].map(({ token }) => token);
  const isInOrder = tokens.every((token, at) => at === 0 || token > (tokens[at - 1] ?? token));
  const faults = isInOrder ? [] : [`a queue out of order: ${describe(view)}`];
  const isGranted = view.waiting.length === 0 || view.holders.length > 0;
  return isGranted ? faults : [...faults, `all wait and nobody holds: ${describe(view)}`];
}

/** Goes through both lists by time: what was known before each acquire began. */
function newcomersAhead(
  told: readonly ToldOperation[],
  views: readonly ViewOperation[],
): readonly string[] {
  const faults: string[] = [];
  const byEnd = views.toSorted((one, other) => one.end - other.end);
  const entries = new Map<number, string>();
  let newest = 0;
  let position = 0;
  for (const asked of told.toSorted((one, other) => one.start - other.start)) {
    for (let view = byEnd[position]; view !== undefined && view.end < asked.start; ) {
      for (const { token, value } of [...view.holders, ...view.waiting]) {
        entries.set(token, value);
        newest = Math.max(newest, token);
      }
      position += 1;
      view = byEnd[position];
    }
    const { token } = asked.result;
    const value = entries.get(token);
    const joins = value !== undefined && mayJoin(asked, { token, value });
    if (token <= newest && !joins) {
      faults.push(
        `it came later than queue entry ${newest}, and stands before it: ${describe(asked)}`,
      );
    }
  }
  return faults;
}

function overtaken(
  told: readonly ToldOperation[],
  views: readonly ViewOperation[],
): readonly string[] {
  const faults: string[] = [];
  const byEnd = told.toSorted((one, other) => one.end - other.end);
  let newest = 0;
  let position = 0;
  for (const view of views.toSorted((one, other) => one.start - other.start)) {
    for (let known = byEnd[position]; known !== undefined && known.end < view.start; ) {
      newest = Math.max(newest, known.result.token);
      position += 1;
      known = byEnd[position];
    }
    const late = view.waiting.filter(({ token }) => token < newest);
    for (const { token } of late) {
      faults.push(
        `queue entry ${token} still waits, though ${newest} held before: ${describe(view)}`,
      );
    }
  }
  return faults;
}
