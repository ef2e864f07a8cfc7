import { type ConclaveClient, type Lock, RefusedError } from '../client/index.js';

const keyNotFound = 100;

/** What is known of the one run that a key has. */
export type OnceRecord =
  /** Begun; if nobody holds the lock any more, its runner was lost. */
  | { readonly state: 'begun'; readonly by: string; readonly at: string }
  | { readonly state: 'done'; readonly by: string; readonly at: string; readonly code: number }
  /** Its runner was lost, and nobody may run it again. */
  | { readonly state: 'lost'; readonly by: string; readonly at: string };

/** The run of one job for one key: where it is locked, and where its result is kept. */
export class OnceRun {
  readonly lockName: string;
  readonly #client: ConclaveClient;
  readonly #path: string;
  readonly #keepSeconds: number;

  constructor(client: ConclaveClient, name: string, key: string, keepSeconds: number) {
    const part = encodeURIComponent(key);
    this.lockName = `once/${name}/${part}`;
    this.#client = client;
    // Hidden, so that listings of a user's own keys do not show it. The name is one segment: the
    // records of a job "a/b" need a directory where a job "a" may have the record of its key "b".
    this.#path = `_conclave/once/${encodeURIComponent(name)}/${part}`;
    this.#keepSeconds = keepSeconds;
  }

  /** Undefined: nobody has begun. */
  async record(signal?: AbortSignal): Promise<OnceRecord | undefined> {
    const node = await this.#client.keys.get(this.#path, { signal });
    return node?.value === undefined ? undefined : (JSON.parse(node.value) as OnceRecord);
  }

  /** Takes effect only while the lock is held, so nobody else's record is replaced. */
  async write(record: OnceRecord, lock: Lock): Promise<void> {
    // One that has begun is known for as long as its command may take. The next one that has the
    // lock makes it a result, and only a result expires.
    const expiry = record.state === 'begun' ? {} : { ttl: this.#keepSeconds };
    const options = { lock, idempotent: true, ...expiry };
    await this.#client.keys.set(this.#path, JSON.stringify(record), options);
  }

  /** As if this one had not begun. */
  async restore(before: OnceRecord | undefined, lock: Lock): Promise<void> {
    if (before !== undefined) return this.write(before, lock);
    try {
      await this.#client.keys.delete(this.#path, { lock, idempotent: true });
    } catch (error) {
      if (!(error instanceof RefusedError) || error.errorCode !== keyNotFound) throw error;
    }
  }
}

/** For people. */
export function describeRecord(record: OnceRecord): string {
  const { by, at } = record;
  switch (record.state) {
    case 'begun':
      return `${by} has begun at ${at}`;
    case 'done':
      return `${by} has run it at ${at}, with exit code ${record.code}`;
    case 'lost':
      return `${by} has begun at ${at} and was lost; it is not repeated`;
    default:
      return record satisfies never;
  }
}
