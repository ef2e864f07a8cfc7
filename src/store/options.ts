export interface StateMachineOptions {
  /**
   * Nodes of removed directories whose TTLs are dropped with each entry. A member's own matter: the
   * replicated state is the same with any, zero included.
   */
  readonly sweepMax: number;
  /**
   * Queue entries that are looked at, with each entry, because a boot is over through which they were kept.
   * The replicated state depends on this and the next one: they must be the same on all members, in
   * all their boots, so that none but a test sets them.
   */
  readonly leftBehindMax: number;
  /** Length of the answers that are remembered for one member, in UTF-16 units. */
  readonly resultUnitsMax: number;
}

const MiB = 1024 * 1024;

/**
 * A sweep takes a few microseconds, queue entries that are left behind a millisecond or two. The answer to a
 * write has its key and value, and those that it replaced: so what a member writes over its own values, in commands
 * of 64 MiB that are not settled, is remembered whole, with some room for values of others.
 */
export const defaultOptions: StateMachineOptions = {
  sweepMax: 128,
  leftBehindMax: 256,
  resultUnitsMax: 2 * 64 * MiB + 16 * MiB,
};
