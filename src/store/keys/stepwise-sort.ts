/** Sorting so few items at once is fast, however long they are. */
const runLength = 64;

/**
 * Sorts a copy, and yields often, so that the caller can do other work in between. It is a merge
 * sort from the bottom up: short runs are sorted, and then merged in pairs until one is left.
 */
export function* stepwiseSort<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
): Generator<undefined, readonly T[]> {
  let from: T[] = [];
  for (let at = 0; at < items.length; at += runLength) {
    for (const item of items.slice(at, at + runLength).sort(compare)) from.push(item);
    yield undefined;
  }
  for (let width = runLength; width < from.length; width *= 2) {
    const to: T[] = [];
    for (let at = 0; at < from.length; at += 2 * width) yield* merge(from, at, width, compare, to);
    from = to;
  }
  return from;
}

/** Appends the runs [at, at + width) and [at + width, at + 2 width), merged, to `to`. */
function* merge<T>(
  from: readonly T[],
  at: number,
  width: number,
  compare: (a: T, b: T) => number,
  to: T[],
): Generator<undefined, void> {
  const middle = Math.min(at + width, from.length);
  const end = Math.min(middle + width, from.length);
  let left = at;
  let right = middle;
  for (let merged = 0; merged < end - at; merged += 1) {
    if (merged % runLength === 0) yield undefined;
    const a = from[left];
    const b = from[right];
    const takesLeft =
      right === end || (left < middle && a !== undefined && b !== undefined && compare(a, b) <= 0);
    const next = takesLeft ? a : b;
    if (takesLeft) left += 1;
    else right += 1;
    if (next !== undefined) to.push(next);
  }
}
