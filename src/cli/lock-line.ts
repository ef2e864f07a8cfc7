import type { LockSummary } from '../client/index.js';

/** A lock, in one line. */
export function lockLine({ name, holders, holding, waiting }: LockSummary): string {
  if (holding === 0 && waiting === 0) return `${name}: free`;
  const more = holding > holders.length ? ` and ${holding - holders.length} more` : '';
  const by = holding === 0 ? 'nobody' : `${holders.map(placeText).join(', ')}${more}`;
  return `${name}: held by ${by}; ${waiting} waiting`;
}

/** Many places have no value: then the index alone names them. */
export function placeText({ value, index }: { readonly value: string; readonly index: number }) {
  return value === '' ? `index ${index}` : `${value} (index ${index})`;
}
