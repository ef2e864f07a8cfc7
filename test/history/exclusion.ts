import { type CertainHold, type ClockBounds, certainHolds } from './certain-holds.js';
import { mayHoldTogether } from './hold-rule.js';
import { describe, isTold, type LockOperation, mayJoin, type ToldOperation } from './operation.js';

/**
 * Nobody holds beside one whom that excludes, and tokens grow in the order in which they are given
 * out.
 */
export function exclusionFaults(
  operations: readonly LockOperation[],
  clocks: ClockBounds,
): readonly string[] {
  const holds = certainHolds(operations, clocks);
  const told = operations.filter(isTold);
  return [...overlaps(holds), ...shrinkingTokens(holds), ...lateTokens(told), ...doubles(told)];
}

function overlaps(holds: readonly CertainHold[]): readonly string[] {
  const faults: string[] = [];
  let active: CertainHold[] = [];
  for (const hold of holds) {
    if (hold.to <= hold.from) continue;
    active = active.filter(({ to }) => to > hold.from);
    if (!mayHoldTogether([...active, hold].map(({ claim }) => claim))) {
      const others = active.map(({ token, to }) => `${token} until ${to.toFixed(1)}`).join(', ');
      faults.push(`token ${hold.token} holds at ${hold.from.toFixed(1)} beside ${others}`);
    }
    active.push(hold);
  }
  return faults;
}

/** Of those who exclude each other, the earlier one has the smaller token. */
function shrinkingTokens(holds: readonly CertainHold[]): readonly string[] {
  const faults: string[] = [];
  let before: CertainHold | undefined;
  for (const hold of holds) {
    if (hold.to <= hold.from) continue;
    if (before !== undefined && !mayHoldTogether([before.claim, hold.claim])) {
      if (hold.token <= before.token) {
        faults.push(`token ${hold.token} holds after token ${before.token}`);
      }
    }
    before = hold;
  }
  return faults;
}

/**
 * A client that asks after somebody else was told gets a later token, unless it joins a queue entry
 * that holds.
 */
function lateTokens(told: readonly ToldOperation[]): readonly string[] {
  const faults: string[] = [];
  const byEnd = told.toSorted((one, other) => one.end - other.end);
  let newest: ToldOperation | undefined;
  let position = 0;
  for (const asked of told.toSorted((one, other) => one.start - other.start)) {
    for (let known = byEnd[position]; known !== undefined && known.end < asked.start; ) {
      if (newest === undefined || known.result.token > newest.result.token) newest = known;
      position += 1;
      known = byEnd[position];
    }
    if (newest === undefined || asked.result.token >= newest.result.token) continue;
    const isFirst = asked.value === '' && asked.place === undefined;
    const joins = !isFirst && mayHoldTogether([newest.claim, asked.claim]);
    if (!joins) faults.push(`older than what was told before: ${describe(asked)}`);
  }
  return faults;
}

/** One token is for one queue entry, which only those share who asked for it or with its value. */
function doubles(told: readonly ToldOperation[]): readonly string[] {
  const values = new Map<number, string>();
  return told.flatMap((operation) => {
    const { value, result } = operation;
    const { token } = result;
    const known = values.get(token);
    values.set(token, value);
    const isShared = known === undefined || mayJoin(operation, { token, value: known });
    return isShared ? [] : [`given out before: ${describe(operation)}`];
  });
}
