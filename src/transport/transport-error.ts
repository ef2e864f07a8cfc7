/**
 * - `addressInUse`, `cannotListen`: the peer address cannot be bound.
 * - `malformed`: a frame that no member of this version sends.
 * - `refused`: the peer does not speak with us (identity, incarnation, version), or we not with it.
 * - `interrupted`: a snapshot did not arrive whole.
 * - `unknownPeer`: no address is known for that member.
 * - `closed`: this transport was closed.
 */
export type TransportErrorCode =
  | 'addressInUse'
  | 'cannotListen'
  | 'malformed'
  | 'refused'
  | 'interrupted'
  | 'unknownPeer'
  | 'closed';

export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly code: TransportErrorCode;

  constructor(code: TransportErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
