import type { ErrorName } from '../command/errors.js';
import { ApiError } from '../service/api-error.js';
import type { Parameters } from './server/form.js';

/** A hundred years. More would be a mistake, and its expiration no valid date. */
export const ttlSecondsMax = 3_153_600_000;

/** The values of Go's strconv.ParseBool. */
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

/** Undefined unless `text` is a plain decimal number that a double represents exactly. */
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
