/** The settings that a deployment may change. */
export interface TransportTuning {
  /** The first pause after a loss; doubles, with jitter, up to `reconnectDelayMaxMs`. */
  readonly reconnectDelayMs: number;
  readonly reconnectDelayMaxMs: number;
  /** The pause after a refusal: the other side must change before another try can succeed. */
  readonly refusedDelayMs: number;
  /** A connection that is not answered within this time is given up. */
  readonly connectTimeoutMs: number;
  readonly pingIntervalMs: number;
  /** After so many pings in a row without any answer the connection counts as half-open. */
  readonly unansweredPingsMax: number;
  /** A snapshot transfer that makes no progress for so long is given up. */
  readonly snapshotStallTimeoutMs: number;
  /** The connection to whoever is no peer any more, or not yet, lasts so long at least. */
  readonly letGoMs: number;
  /** What may wait for one peer, in each direction and for each kind of frame. */
  readonly outgoingMessagesMax: number;
  readonly outgoingBytesMax: number;
}

export const defaultTuning: TransportTuning = {
  reconnectDelayMs: 25,
  reconnectDelayMaxMs: 400,
  refusedDelayMs: 2_000,
  connectTimeoutMs: 1_000,
  pingIntervalMs: 500,
  unansweredPingsMax: 3,
  snapshotStallTimeoutMs: 30_000,
  letGoMs: 10_000,
  outgoingMessagesMax: 16_384,
  outgoingBytesMax: 32 * 1024 * 1024,
};
