import type { HoldMode } from '../command/hold-rules.js';
import type { LockSpace } from '../command/lock-path.js';
import { type Place, placeAt, type Queue } from './node.js';
import type { Queues } from './queues.js';

/** Structurally a reader's view of a place. */
export interface PlaceState {
  readonly index: number;
  readonly value: string;
  readonly ttlMs: number;
  readonly holds: boolean;
  readonly mode: HoldMode;
  readonly enteredAt: number;
  readonly grantedAt: number | undefined;
  readonly expiresAt: number | undefined;
}

export function placeState(place: Place): PlaceState {
  const { index, node, deadline, holds, mode, enteredAt, grantedAt } = place;
  const { ttlMs } = deadline;
  const expiresAt = holds ? deadline.expiresAt : undefined;
  return { index, value: node.value, ttlMs, holds, mode, enteredAt, grantedAt, expiresAt };
}

export function findPlace(
  queues: Queues,
  space: LockSpace,
  name: string,
  index: number,
): Place | undefined {
  const queue = queues.get(space, name);
  return queue && placeAt(queue, index);
}

export function queueState(queues: Queues, space: LockSpace, name: string): readonly PlaceState[] {
  const states: PlaceState[] = [];
  let place = queues.get(space, name)?.first;
  while (place !== undefined) {
    states.push(placeState(place));
    place = place.behind;
  }
  return states;
}

/** Structurally a reader's view of how long a queue is. */
export interface QueueSize {
  readonly holding: number;
  readonly waiting: number;
}

export function queueSize(queue: Queue | undefined): QueueSize {
  if (queue === undefined) return { holding: 0, waiting: 0 };
  return { holding: queue.holders, waiting: queue.places - queue.holders };
}

export function holderStates(queue: Queue | undefined, max: number): readonly PlaceState[] {
  const states: PlaceState[] = [];
  let place = queue?.first;
  while (place?.holds === true && states.length < max) {
    states.push(placeState(place));
    place = place.behind;
  }
  return states;
}
