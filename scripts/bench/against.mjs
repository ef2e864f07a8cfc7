import { figures } from './figures.mjs';
import { summaryOf, valuesOf } from './rounds.mjs';

/** @typedef {import('./rounds.mjs').Row} Row */
/** @typedef {import('./rounds.mjs').Found} Found */

/**
 * A table of what changed since an earlier run, a line of text for each system and line. The spread
 * is that between the rounds, of both runs: a change that is smaller says nothing.
 * @param {readonly Row[]} rows
 * @param {readonly Row[]} earlier
 */
export function changes(rows, earlier) {
  return rows.flatMap(({ name, main, systems }) => {
    const before = earlier.find((row) => row.name === name && row.main === main);
    if (before === undefined) return [`${name}: the earlier run has no such line`];
    return systems.flatMap((found) => {
      const old = before.systems.find((each) => each.name === found.name);
      return old === undefined ? [] : [change(`${name}, ${found.name}`, main, found, old)];
    });
  });
}

/**
 * @param {string} title
 * @param {string} main
 * @param {Found} found
 * @param {Found} old
 */
function change(title, main, found, old) {
  const [is, was] = [summaryOf(found, main), summaryOf(old, main)];
  const share = is / was - 1;
  const spread = Math.max(spreadOf(found, main), spreadOf(old, main));
  const { digits, unit, better } = figures[main] ?? { digits: 0, unit: '', better: 'more' };
  const improved = share > 0 === (better === 'more');
  const verdict = Math.abs(share) <= spread ? 'within the spread' : improved ? 'better' : 'worse';
  return (
    `${title.padEnd(42)} ${was.toFixed(digits)} -> ${is.toFixed(digits)} ${unit}   ` +
    `${percent(share)}   spread ${(spread * 100).toFixed(1)} %   ${verdict}`
  );
}

/**
 * How far the rounds lie apart, as a part of their median.
 * @param {Found} found
 * @param {string} main
 */
function spreadOf(found, main) {
  const values = valuesOf(found, main);
  return (Math.max(...values) - Math.min(...values)) / summaryOf(found, main);
}

/** @param {number} share */
function percent(share) {
  return `${share > 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;
}
