/**
 * The figures that a line may have, in the order in which they are printed.
 * @type {Readonly<Record<string, {
 *   unit: string, digits: number, better: 'more' | 'less', title?: string,
 * }>>}
 */
export const figures = {
  perSecond: { unit: 'per s', digits: 0, better: 'more' },
  lastMs: { unit: 'ms', digits: 1, better: 'less', title: 'last' },
  gapMs: { unit: 'ms', digits: 0, better: 'less', title: 'gap' },
  startMs: { unit: 'ms', digits: 0, better: 'less', title: 'start' },
  p50Ms: { unit: 'ms', digits: 2, better: 'less', title: 'p50' },
  p99Ms: { unit: 'ms', digits: 2, better: 'less', title: 'p99' },
  p999Ms: { unit: 'ms', digits: 2, better: 'less', title: 'p99.9' },
  maxMs: { unit: 'ms', digits: 2, better: 'less', title: 'max' },
  cpuUs: { unit: 'µs', digits: 0, better: 'less', title: 'CPU' },
  residentMb: { unit: 'MB', digits: 0, better: 'less', title: 'resident' },
  grownMb: { unit: 'MB', digits: 0, better: 'less', title: 'grown' },
  failed: { unit: 'failed', digits: 0, better: 'less' },
};

/** @param {string} name */
function figure(name) {
  const found = figures[name];
  if (found === undefined) throw new Error(`there is no figure "${name}"`);
  return found;
}

/**
 * @param {string} name
 * @param {number} value
 */
export function show(name, value) {
  const { unit, digits, title } = figure(name);
  return `${title === undefined ? '' : `${title} `}${value.toFixed(digits)} ${unit}`;
}

/**
 * How many times as good the first value is; more than one is better.
 * @param {string} name
 * @param {number} value
 * @param {number} other
 */
export function advantage(name, value, other) {
  return figure(name).better === 'more' ? value / other : other / value;
}
