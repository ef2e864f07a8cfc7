import { uptime } from 'node:os';

/**
 * Milliseconds since the machine was started. Every process of the machine sees the same value, so
 * one can tell another a deadline. On Linux it counts on while the machine sleeps; no setting of
 * the wall clock changes it.
 */
export function bootTimeMs(): number {
  // Elsewhere `uptime` has whole seconds only, and depends on the wall clock.
  if (process.platform === 'linux') return uptime() * 1000;
  return Number(process.hrtime.bigint() / 1_000_000n);
}

/** The same for the client library. */
export const bootClock = {
  now: bootTimeMs,
  after(ms: number, callback: () => void): () => void {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
