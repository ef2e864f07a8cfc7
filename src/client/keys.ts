import type { Form, Message } from './exchange.js';
import {
  type KeyEvent,
  type KeyNode,
  type KeyState,
  type ReadOptions,
  readKey,
} from './key-node.js';
import { keyPathOf } from './path.js';
import type { Answer, Repeatable, RequestLimits, Requests } from './requests.js';
import { type Change, type Resync, type WatchOptions, watch } from './watch.js';

/** A lock or a leadership that a write depends on: a `Lock` is one. */
export interface FencingToken {
  readonly name: string;
  readonly token: number;
}

export interface WriteOptions {
  /** Seconds until the key expires. Without it, never. */
  readonly ttl?: number;
  /** The write takes effect only while this place holds its lock; otherwise errorCode 101. */
  readonly lock?: FencingToken;
  readonly leader?: FencingToken;
  /**
   * True: the caller does not mind if the write takes effect twice, maybe after a write of somebody
   * else. Then it is sent again when its answer is lost. Otherwise such a write ends with an
   * `OutcomeUnknownError`.
   */
  readonly idempotent?: boolean;
  readonly signal?: AbortSignal;
}

export type Condition = { readonly prevIndex: number } | { readonly prevValue: string };

/**
 * The keys of the cluster. Reads are linearizable and are repeated freely. Writes are sent again
 * only when they certainly had no effect, unless they are `idempotent`.
 */
export class Keys {
  readonly #requests: Requests;
  readonly #limits: RequestLimits;

  /** @internal */
  constructor(requests: Requests, limits: RequestLimits) {
    this.#requests = requests;
    this.#limits = limits;
  }

  /** Undefined: there is no such key. */
  async get(key: string, options: ReadOptions = {}): Promise<KeyNode | undefined> {
    return (await this.read(key, options)).node;
  }

  /** With the index of the store at which it was read: watch from the one after it. */
  read(key: string, options: ReadOptions = {}): Promise<KeyState> {
    return readKey(this.#requests, key, this.#limits, options);
  }

  /** What is in a directory, in the order of the names; empty if there is none. */
  async list(dir: string, options: ReadOptions = {}): Promise<readonly KeyNode[]> {
    return (await this.get(dir, options))?.nodes ?? [];
  }

  set(key: string, value: string, options: WriteOptions = {}): Promise<KeyEvent> {
    return this.#write('PUT', key, { value }, options);
  }

  /** Refused with errorCode 105 if the key exists. */
  create(key: string, value: string, options: WriteOptions = {}): Promise<KeyEvent> {
    return this.#write('PUT', key, { value, prevExist: false }, options);
  }

  /** With those above it. Refused with errorCode 105 if the key exists. */
  createDirectory(key: string, options: WriteOptions = {}): Promise<KeyEvent> {
    return this.#write('PUT', key, { dir: true, prevExist: false }, options);
  }

  /** Refused with errorCode 100 if there is no such key. */
  update(key: string, value: string, options: WriteOptions = {}): Promise<KeyEvent> {
    return this.#write('PUT', key, { value, prevExist: true }, options);
  }

  /** Refused with errorCode 101 if the key is another one by now, and 100 if it is gone. */
  compareAndSwap(
    key: string,
    value: string,
    condition: Condition,
    options: WriteOptions = {},
  ): Promise<KeyEvent> {
    return this.#write('PUT', key, { value, ...condition }, options);
  }

  /** Refused with errorCode 100 if there is no such key. */
  delete(
    key: string,
    options: Omit<WriteOptions, 'ttl'> & {
      readonly condition?: Condition;
      /** A directory with all that is in it. */
      readonly recursive?: boolean;
    } = {},
  ): Promise<KeyEvent> {
    const { condition, recursive } = options;
    return this.#write('DELETE', key, { recursive, ...condition }, options);
  }

  /**
   * Every change of a key, in the order of the log, through the loss of members and for as long as
   * it takes. Changes that no member remembers are told as a `resync`, with what is there now.
   */
  watch(key: string, options: WatchOptions = {}): AsyncGenerator<Change | Resync, void, undefined> {
    return watch(this.#requests, key, this.#limits.attemptMs, options);
  }

  async #write(
    method: Message['method'],
    key: string,
    form: Form,
    { ttl, lock, leader, idempotent = false, signal }: WriteOptions,
  ): Promise<KeyEvent> {
    const fences = {
      ...(lock === undefined ? {} : { lock: lock.name, lockIndex: lock.token }),
      ...(leader === undefined ? {} : { leader: leader.name, leaderIndex: leader.token }),
    };
    const repeatable = idempotent ? 'idempotent' : 'once';
    const answer = await this.#send(method, key, { ...form, ttl, ...fences }, repeatable, signal);
    return JSON.parse(answer.body) as KeyEvent;
  }

  #send(
    method: Message['method'],
    key: string,
    form: Form,
    repeatable: Repeatable,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const path = keyPathOf(key);
    const answer = /^20[01] \{"action":/;
    const message = { method, path, form, answer };
    return this.#requests.send({ ...message, repeatable, ...this.#limits, signal });
  }
}
