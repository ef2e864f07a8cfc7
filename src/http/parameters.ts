import type { ErrorName } from '../command/errors.js';
import { ApiError } from './server/api-error.js';
import type { Parameters } from './server/form.js';

/** A hundred years: any more is a mistake, and the sum with a date could not be shown. */
export const ttlSecondsMax = 3_153_600_000;

/** What Go's strconv.ParseBool takes. */
const booleans = new Map<string, boolean>([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false] as const),
]);

export function booleanParameter(
  parameters: Parameters,
  name: string,
  cause: string,
): boolean | undefined {
  const text = parameters.get(name);
  if (text === undefined) return undefined;
  const value = booleans.get(text);
  if (value === undefined) throw new ApiError('invalidField', cause);
  return value;
}

/** A plain decimal number that a double holds exactly; undefined when `text` is none. */
export function parseDecimal(text: string): number | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

export function decimalParameter(
  parameters: Parameters,
  name: string,
  error: ErrorName,
  cause: string,
): number | undefined {
  const text = parameters.get(name);
  if (text === undefined) return undefined;
  const value = parseDecimal(text);
  if (value === undefined) throw new ApiError(error, cause);
  return value;
}
