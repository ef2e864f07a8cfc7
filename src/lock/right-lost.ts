/** Why the signal of a request fires whose user may no longer do what it waits for. */
export class RightLost extends Error {
  override readonly name = 'RightLost';
}

export function hasLostRight({ reason }: AbortSignal): boolean {
  return reason instanceof RightLost;
}
