/** One of two members does not accept the certificate of the other. */
export class PeerFault extends Error {
  override readonly name = 'PeerFault';
  /** `self`: this member refuses the peer; `peer`: the peer refuses this member. */
  readonly by: 'self' | 'peer';

  /** @param reason completes "it is refused: ", where "it" is the refused one. */
  constructor(by: 'self' | 'peer', reason: string) {
    super(reason);
    this.by = by;
  }
}
