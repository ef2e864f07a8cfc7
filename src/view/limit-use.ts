/** How much of a limit of this member is used, and how often it has refused something. */
export interface LimitUse {
  readonly used: number;
  readonly max: number;
  /** Since this member started. */
  readonly refused: number;
}
