import { describe, isTold, type LockOperation, type ViewOperation } from './operation.js';

/**
 * First come, first served: the queue is in the order of its tokens, those at its front hold, who
 * comes later stands behind all that were seen in it, and nobody waits any more behind whom
 * somebody already held.
 */
export function queueFaults(operations: readonly LockOperation[]): readonly string[] {
  const views = operations.filter(({ type }) => type === 'view') as ViewOperation[];
  return [
    ...views.flatMap(disorder),
    ...newcomersAhead(operations, views),
    ...overtaken(operations, views),
  ];
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
  operations: readonly LockOperation[],
  views: readonly ViewOperation[],
): readonly string[] {
  const faults: string[] = [];
  const byEnd = views.toSorted((one, other) => one.end - other.end);
  const told = operations.filter(isTold).toSorted((one, other) => one.start - other.start);
  const entries = new Map<number, string>();
  let newest = 0;
  let position = 0;
  for (const asked of told) {
    for (let view = byEnd[position]; view !== undefined && view.end < asked.start; ) {
      for (const { token, value } of [...view.holders, ...view.waiting]) {
        entries.set(token, value);
        newest = Math.max(newest, token);
      }
      position += 1;
      view = byEnd[position];
    }
    const { token } = asked.result;
    const joined = asked.value !== '' && entries.get(token) === asked.value;
    if (token <= newest && !joined) {
      faults.push(
        `it came later than queue entry ${newest}, and stands before it: ${describe(asked)}`,
      );
    }
  }
  return faults;
}

function overtaken(
  operations: readonly LockOperation[],
  views: readonly ViewOperation[],
): readonly string[] {
  const faults: string[] = [];
  const byEnd = operations.filter(isTold).toSorted((one, other) => one.end - other.end);
  let newest = 0;
  let position = 0;
  for (const view of views.toSorted((one, other) => one.start - other.start)) {
    for (let told = byEnd[position]; told !== undefined && told.end < view.start; ) {
      newest = Math.max(newest, told.result.token);
      position += 1;
      told = byEnd[position];
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
