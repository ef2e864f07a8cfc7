import { RefusedError } from './errors.js';
import { keyPathOf } from './path.js';
import type { RequestLimits, Requests } from './requests.js';

/** A key, or a directory: docs/api.md. */
export interface KeyNode {
  /** With a slash in front; `/` for the root. */
  readonly key: string;
  /** Undefined for a directory. */
  readonly value?: string;
  readonly dir?: boolean;
  readonly nodes?: readonly KeyNode[];
  /** Seconds that are left, and when they are over; undefined: it never expires. */
  readonly ttl?: number;
  readonly expiration?: string;
  readonly modifiedIndex: number;
  readonly createdIndex: number;
}

/** What a write has done. */
export interface KeyEvent {
  readonly action:
    | 'set'
    | 'create'
    | 'update'
    | 'delete'
    | 'expire'
    | 'compareAndSwap'
    | 'compareAndDelete';
  readonly node: KeyNode;
  readonly prevNode?: KeyNode;
}

/** What a read found. */
export interface KeyState {
  /** Undefined: there is no such key. */
  readonly node: KeyNode | undefined;
  /** Of the store, when it was read. */
  readonly index: number;
}

export interface ReadOptions {
  /** Everything below a directory, not only its children. */
  readonly recursive?: boolean;
  /** False: this member's own state, which may be stale; works without a majority, too. */
  readonly quorum?: boolean;
  readonly signal?: AbortSignal | undefined;
}

const keyNotFound = 100;

/** @internal */
export async function readKey(
  requests: Requests,
  key: string,
  limits: RequestLimits,
  { recursive, quorum, signal }: ReadOptions,
): Promise<KeyState> {
  const form = { recursive, quorum, sorted: true };
  const message = { method: 'GET', path: keyPathOf(key), form } as const;
  try {
    const answer = await requests.send({ ...message, repeatable: 'read', ...limits, signal });
    const { node } = JSON.parse(answer.body) as { readonly node: KeyNode };
    // The root comes without its key.
    return { node: { ...node, key: node.key ?? '/' }, index: answer.etcdIndex };
  } catch (error) {
    if (!(error instanceof RefusedError) || error.errorCode !== keyNotFound) throw error;
    return { node: undefined, index: error.index };
  }
}
