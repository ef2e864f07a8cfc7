import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { until } from '../cluster/until.js';

interface NodeEtcdError extends Error {
  readonly errorCode?: number;
  /** The body of the server's answer. */
  readonly error?: unknown;
}

/** What node-etcd hands to a callback; `error` is null when all went well. */
export interface Answer {
  readonly error: NodeEtcdError | null;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Watcher extends EventEmitter {
  stop(): void;
}

export type AsyncCall =
  | ('set' | 'get' | 'create' | 'post' | 'del' | 'delete' | 'mkdir' | 'rmdir' | 'raw')
  | ('compareAndSwap' | 'testAndSet' | 'compareAndDelete' | 'testAndDelete')
  | ('watch' | 'watchIndex')
  | ('machines' | 'leader' | 'leaderStats' | 'selfStats' | 'version');

interface Pending {
  cancel(): void;
}

type Options = Readonly<Record<string, unknown>>;

type NodeEtcd = Readonly<Record<AsyncCall, (...args: readonly unknown[]) => Pending>> & {
  watcher(key: string, index: number | null, options: Options): Watcher;
};

/** An event that takes longer does not come. */
const answerLimitMs = 20_000;

const NodeEtcdClass = load();

/** Says why what needs it is skipped; false where it works. */
export const nodeEtcdMissing: string | false =
  NodeEtcdClass === undefined && 'a native part of node-etcd is not built for this platform';

/** `undefined` where its deasync comes without a native part for this platform. */
function load(): (new (hosts: readonly string[], options?: Options) => NodeEtcd) | undefined {
  try {
    return createRequire(import.meta.url)('node-etcd');
  } catch {
    return undefined;
  }
}

/** npm's node-etcd, with promises in place of its callbacks. */
export class Etcd {
  readonly #etcd: NodeEtcd;

  constructor(hosts: readonly string[], options: Options = {}) {
    assert.ok(NodeEtcdClass !== undefined);
    this.#etcd = new NodeEtcdClass(hosts, options);
  }

  call(name: AsyncCall, ...args: readonly unknown[]): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error(`${name} ${args.join(' ')} is not answered`));
      const timer = setTimeout(late, answerLimitMs);
      const done = (
        error: Answer['error'],
        body: unknown = undefined,
        headers: Answer['headers'] = {},
      ) => {
        clearTimeout(timer);
        resolve({ error, body, headers });
      };
      this.#etcd[name](...args, done);
    });
  }

  /** Begins a call that is to be cancelled. */
  start(name: AsyncCall, ...args: readonly unknown[]): Pending {
    return this.#etcd[name](...args, () => assert.fail('it was to be cancelled'));
  }

  watcher(key: string, index: number | null, options: Options): Watcher {
    return this.#etcd.watcher(key, index, options);
  }
}

/** An action, and the index of the event. */
export type Seen = readonly [action: string, modifiedIndex: number];

interface EventBody {
  readonly action: string;
  readonly node: { readonly modifiedIndex: number };
}

/** What a watcher has told, in order. */
export class Events implements Disposable {
  readonly #watcher: Watcher;
  readonly #seen: Seen[] = [];

  constructor(watcher: Watcher) {
    this.#watcher = watcher;
    watcher.on('change', ({ action, node }: EventBody) => {
      this.#seen.push([action, node.modifiedIndex]);
    });
    // A connection that is lost is nothing to fail for; without a listener the error would be
    // thrown.
    watcher.on('error', () => undefined);
  }

  /** Waits until it has told as much, and compares. */
  async are(expected: readonly Seen[]): Promise<void> {
    const enough = () => this.#seen.length >= expected.length;
    await until(enough, `it sees ${expected.length} events`, 20_000).catch(() => undefined);
    assert.deepEqual(this.#seen, expected);
  }

  [Symbol.dispose](): void {
    this.#watcher.stop();
  }
}
