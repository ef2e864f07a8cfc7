/** A few microseconds' worth. */
export const sweepMaxDefault = 128;

export interface StateMachineOptions {
  /**
   * Nodes of removed directories whose TTLs are dropped with each entry. A member's own matter: the
   * replicated state is the same with any, zero included.
   */
  readonly sweepMax?: number;
}
