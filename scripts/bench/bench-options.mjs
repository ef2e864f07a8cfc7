import { existsSync } from 'node:fs';
import { readArguments } from '../arguments.mjs';
import { lines } from './lines.mjs';
import { isInstalled } from './wrk.mjs';

const { values } = readArguments({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    'steady-seconds': { type: 'string' },
    keys: { type: 'string' },
    json: { type: 'string' },
    against: { type: 'string' },
    quick: { type: 'boolean', default: false },
    budget: { type: 'boolean', default: false },
    growth: { type: 'boolean', default: false },
  },
});

/** @type {import('./lines.mjs').Plan} */
const full = {
  ...{ rounds: 3, seconds: 5, steadySeconds: 600, perSecond: 1000 },
  ...{ watchers: 1000, keys: 200_000 },
};
/** @type {import('./lines.mjs').Plan} */
const quick = {
  ...{ rounds: 1, seconds: 2, steadySeconds: 2, perSecond: 100 },
  ...{ watchers: 100, keys: 1000 },
};
const fallback = values.quick ? quick : full;

/** @type {import('./growth.mjs').Growth} */
const fullGrowth = {
  seconds: 5,
  keys: [1000, 10_000, 100_000, 1_000_000],
  log: [1000, 10_000, 100_000],
  values: [64, 1024, 16_384, 131_072, 1_048_576],
  members: [1, 3, 5],
  watchers: [100, 1000, 10_000],
};
/** @type {import('./growth.mjs').Growth} */
const quickGrowth = {
  ...{ seconds: 1, keys: [100], log: [100], values: [65_536], members: [1], watchers: [100] },
};

/** What `npm run bench` was told. */
export const options = {
  ...{ quick: values.quick, budget: values.budget, growth: values.growth },
  ...{ json: values.json, against: values.against },
  growthOf: values.quick ? quickGrowth : fullGrowth,
  lines: chosenLines(values.only),
  plan: {
    ...fallback,
    rounds: wholeNumber('rounds', fallback.rounds),
    seconds: wholeNumber('seconds', fallback.seconds),
    steadySeconds: wholeNumber('steady-seconds', fallback.steadySeconds),
    keys: wholeNumber('keys', fallback.keys),
  },
};
if (values.against !== undefined && !existsSync(values.against)) {
  refuse(`--against must be a file that --json wrote; there is no ${values.against}`);
}
if (!isInstalled('wrk')) {
  console.error('wrk makes the load and is not installed: apt-get install wrk');
  process.exit(1);
}

/** @param {string | undefined} only parts of names, with commas between */
function chosenLines(only) {
  if (only === undefined) return lines;
  const parts = only.split(',');
  const chosen = lines.filter(({ name }) => parts.some((part) => name.includes(part)));
  if (chosen.length > 0) return chosen;
  const names = lines.map(({ name }) => name).join(', ');
  return refuse(`No line has "${only}" in its name; there are ${names}`);
}

/**
 * @param {'rounds' | 'seconds' | 'steady-seconds' | 'keys'} name
 * @param {number} fallback
 */
function wholeNumber(name, fallback) {
  const text = values[name];
  if (text === undefined) return fallback;
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  return refuse(`--${name} must be a whole number, 1 or more, not "${text}"`);
}

/**
 * @param {string} mistake
 * @returns {never}
 */
function refuse(mistake) {
  console.error(mistake);
  return process.exit(2);
}
