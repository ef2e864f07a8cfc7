/** Of the slot: so long before its time it begins, for the callers whose clocks are ahead. */
const earlyShare = 0.1;
const earlyMsMax = 60_000;

/** The slot of a time, named by when it begins: `2030-01-31T15:00:00Z`. Slots count from 1970. */
export function slotOf(time: Date, everyMs: number): string {
  const earlyMs = Math.min(everyMs * earlyShare, earlyMsMax);
  const beginsAt = Math.floor((time.getTime() + earlyMs) / everyMs) * everyMs;
  return new Date(beginsAt).toISOString().replace('.000Z', 'Z');
}
