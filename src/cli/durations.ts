import { ConfigError } from '../config/config-error.js';

const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `90`, `90s`, `500ms`, `5m`, `24h` or `7d`; without a unit, seconds. */
export function durationMsOf(flag: string, text: string): number {
  const [, digits = '', unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text) ?? [];
  if (digits === '') {
    const allowed = 'seconds, or a duration with one unit, such as 500ms, 90s, 5m, 24h or 7d';
    throw new ConfigError(`${flag} must be ${allowed}, not "${text}"`);
  }
  return Number(digits) * (unitsMs[unit] ?? 1000);
}

export function wholeNumberOf(flag: string, text: string, least: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < least) {
    throw new ConfigError(`${flag} must be a whole number, at least ${least}, not "${text}"`);
  }
  return number;
}

/** The API counts in seconds. */
export function secondsOf(flag: string, text: string, least: number): number {
  const ms = durationMsOf(flag, text);
  if (ms % 1000 !== 0 || ms / 1000 < least) {
    throw new ConfigError(`${flag} must be whole seconds, at least ${least}, not "${text}"`);
  }
  return ms / 1000;
}
