/** The cluster's clock. */
export interface TimeView {
  /**
   * When the cluster's clock showed that, on this member's clock. For people: nothing is decided by
   * it.
   */
  onMemberClock(clusterTimeMs: number): number;
}
