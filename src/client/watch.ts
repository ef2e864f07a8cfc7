import { pause } from './clock.js';
import { RefusedError } from './errors.js';
import { etcdIndexOf } from './exchange.js';
import { type KeyEvent, type KeyState, readKey } from './key-node.js';
import { keyPathOf } from './path.js';
import { type Requests, untilAnswer } from './requests.js';

export interface Change extends KeyEvent {
  readonly type: 'change';
}

/**
 * Changes may be missing here: they are so old that no member remembers them. What is known instead
 * is what is there now.
 */
export interface Resync extends KeyState {
  readonly type: 'resync';
}

export interface WatchOptions {
  /** Also everything below. */
  readonly recursive?: boolean;
  /** The first change at or after this index, which may be long past. Without it, the next one. */
  readonly since?: number;
  /** Ends the watch with its reason. */
  readonly signal?: AbortSignal;
}

/** A watch that is silent for so long goes on at another member: this one may be cut off. */
const silenceMs = 30_000;

const clearedErrorCode = 401;

/** Between two streams that broke, so that a fault is not met at full speed. */
const againMs = 200;

/** @internal */
export async function* watch(
  requests: Requests,
  key: string,
  attemptMs: number,
  { recursive = false, since, signal }: WatchOptions,
): AsyncGenerator<Change | Resync, void, undefined> {
  const limits = { attemptMs, ...untilAnswer };
  const path = keyPathOf(key);
  let next = since;
  for (;;) {
    const form = { wait: true, stream: true, recursive, waitIndex: next };
    const request = { method: 'GET', path, form, repeatable: 'read', ...limits, signal } as const;
    const stream = await requests.stream(request, silenceMs).catch(unlessCleared);
    if (stream === undefined) {
      const now = await readKey(requests, key, limits, { recursive, signal });
      next = now.index + 1;
      yield { type: 'resync', ...now };
      continue;
    }
    next ??= etcdIndexOf(stream.headers) + 1;
    for await (const line of stream.lines) {
      if (line === '') continue;
      const event = JSON.parse(line) as KeyEvent;
      next = event.node.modifiedIndex + 1;
      yield { type: 'change', ...event };
    }
    stream.leave();
    await pause(requests.wire.clock, againMs, signal);
  }
}

/** Undefined when the member no longer remembers the changes that were asked for. */
function unlessCleared(error: unknown): undefined {
  if (error instanceof RefusedError && error.errorCode === clearedErrorCode) return undefined;
  throw error;
}
