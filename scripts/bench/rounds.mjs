import { median } from '../scale/process-usage.mjs';
import { advantage, figures, show } from './figures.mjs';

/** @typedef {import('./lines.mjs').Figures} Figures */
/** What was found of one system, in each round.
 * @typedef {{name: string, rounds: Figures[]}} Found */
/** What was found of a line. `main` is the figure that is compared.
 * @typedef {{name: string, main: string, systems: Found[]}} Row */

/**
 * The values of a figure, one of each round.
 * @param {Found} found
 * @param {string} figure
 */
export function valuesOf({ rounds }, figure) {
  return rounds.flatMap((round) => round[figure] ?? []);
}

/**
 * Failures are added up, of all others it is the median.
 * @param {Found} found
 * @param {string} figure
 */
export function summaryOf(found, figure) {
  const values = valuesOf(found, figure);
  return figure === 'failed' ? values.reduce((all, each) => all + each, 0) : median(values);
}

/**
 * The figures of one system in one line of text, beside those of another one.
 * @param {Row} row
 * @param {Found} found
 * @param {Found | undefined} other
 */
export function describe({ main }, found, other) {
  const names = Object.keys(figures).filter((name) => valuesOf(found, name).length > 0);
  const inOrder = [main, ...names.filter((name) => name !== main)];
  const cells = inOrder
    .filter((name) => name !== 'failed' || summaryOf(found, name) > 0)
    .map((name) => show(name, summaryOf(found, name)));
  if (other !== undefined && other !== found) {
    cells.push(`${advantage(main, summaryOf(found, main), summaryOf(other, main)).toFixed(2)}x`);
  }
  return `  ${found.name.padEnd(11)} ${cells.join('   ')}`;
}
