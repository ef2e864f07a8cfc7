import { type AcquireOperation, alone, type TokenOperation } from '../history/operation.js';
import type { LockInUse } from './lock-client.js';

/** The status and the body of its answer; no status where none came. */
export type Told = (status: number | undefined, body: string) => void;

type RecordedLock = Pick<LockInUse, 'name' | 'recorder'>;

interface Grant {
  readonly token: number;
  readonly lock: RecordedLock;
}

/**
 * Writes down each request that the client library sends for one user, as an operation of its own.
 */
export class RecordedRequests {
  readonly #name: string;
  /** By value, each of which is used once: what was granted under it, and may be there still. */
  readonly #granted = new Map<string, Grant>();

  constructor(name: string) {
    this.#name = name;
  }

  /** Returns how to tell its end. */
  begin(lock: RecordedLock, method: string, form: URLSearchParams): Told {
    const value = form.get('value') ?? '';
    const granted = this.#granted.get(value);
    if (method === 'POST') return this.#acquire(granted?.lock ?? lock, value, form);
    if (!form.has('index')) return this.#withdrawal(lock, granted);
    return this.#onToken(lock, method, form);
  }

  #acquire(lock: RecordedLock, value: string, form: URLSearchParams): Told {
    const told = lock.recorder.acquire({
      ...{ client: this.#name, lock: lock.name, value, claim: alone },
      ...{ ttlMs: ttlMsOf(form), tryOnly: form.get('timeout') === '0', place: undefined },
    });
    return (status, body) => {
      const result = acquireResult(status, body);
      if (result.type === 'ok') this.#granted.set(value, { token: result.token, lock });
      told(result);
    };
  }

  /**
   * It names a value, so it takes back what nobody was told of, or a grant that could not be
   * confirmed. The library does not wait for its end: it is beside what the user does next.
   */
  #withdrawal(lock: RecordedLock, granted: Grant | undefined): Told {
    if (granted === undefined) return () => undefined;
    const { token } = granted;
    const client = `${this.#name} gave up ${token}`;
    const told = granted.lock.recorder.release({ client, lock: lock.name, token });
    return (status) => told(tokenResult(status));
  }

  #onToken(lock: RecordedLock, method: string, form: URLSearchParams): Told {
    const asked = { client: this.#name, lock: lock.name, token: Number(form.get('index')) };
    const told =
      method === 'PUT'
        ? lock.recorder.renew({ ...asked, ttlMs: ttlMsOf(form) })
        : lock.recorder.release(asked);
    return (status) => {
      const result = tokenResult(status);
      if (result === 'fail') this.#forget(asked.token);
      told(result);
    };
  }

  /** What comes under its value from now on is another place. */
  #forget(gone: number): void {
    for (const [value, { token }] of this.#granted) {
      if (token === gone) this.#granted.delete(value);
    }
  }
}

function ttlMsOf(form: URLSearchParams): number {
  return Number(form.get('ttl')) * 1000;
}

/** The last line says it: an error there has no status of its own. */
function acquireResult(status: number | undefined, body: string): AcquireOperation['result'] {
  const line = body.trim();
  if (status === 200 && /^\d+$/.test(line)) return { type: 'ok', token: Number(line) };
  const errorCode = /"errorCode":(\d+)/.exec(line)?.[1];
  if (errorCode === '111') return { type: 'fail' };
  return { type: errorCode === '100' ? 'removed' : 'unknown' };
}

function tokenResult(status: number | undefined): TokenOperation['result'] {
  if (status === 200) return 'ok';
  return status === 404 ? 'fail' : 'unknown';
}
