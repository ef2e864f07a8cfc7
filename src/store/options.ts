/** A few microseconds' worth. */
export const sweepMaxDefault = 128;

/** A millisecond's worth, or two. */
export const leftBehindMaxDefault = 256;

export interface StateMachineOptions {
  /**
   * Nodes of removed directories whose TTLs are dropped with each entry. A member's own matter: the
   * replicated state is the same with any, zero included.
   */
  readonly sweepMax?: number;
  /**
   * Places that are looked at, with each entry, because a boot is over through which they were kept.
   * The replicated state depends on it: it must be the same on all members, in all their boots, so
   * that none but a test sets it.
   */
  readonly leftBehindMax?: number;
}
