import type { Form, Message } from './exchange.js';
import { lockPathOf } from './path.js';

/** What is asked of one lock, or of one election, by one who wants it. */
export interface LockMessages {
  /** For people: `lock "reports"`. */
  readonly title: string;
  readonly name: string;
  readonly value: string;
  readonly ttlMs: number;
  /** Waits; answered with the token. */
  acquire(timeoutSeconds: number): Message;
  /** Never waits. */
  renew(token: number): Message;
  /** Whether the answer to a renewal is about this very place. */
  isRenewal(body: string, token: number): boolean;
  release(token: number): Message;
  /** Removes the place, whether it waits or holds; undefined when others may share it. */
  readonly withdrawal: Message | undefined;
}

export interface Claim {
  readonly name: string;
  readonly value: string;
  /** Nobody else asks with this value. */
  readonly isOwnValue: boolean;
  /** In whole seconds. */
  readonly ttl: number;
}

export function lockMessages(
  { name, value, isOwnValue, ttl }: Claim,
  share: { readonly mode: string | undefined; readonly limit: number | undefined },
): LockMessages {
  const message = (method: Message['method'], form: Form): Message => {
    return { method, path: lockPathOf('/mod/v2/lock', name), form };
  };
  return {
    ...{ title: `lock "${name}"`, name, value, ttlMs: ttl * 1000 },
    acquire: (timeout) => message('POST', { value, ttl, timeout, ...share }),
    renew: (index) => message('PUT', { index, ttl }),
    isRenewal: () => true,
    release: (index) => message('DELETE', { index }),
    withdrawal: isOwnValue ? message('DELETE', { value }) : undefined,
  };
}

/**
 * The value is the candidate's name. An election is renewed by asking again: it is the same place.
 */
export function electionMessages({ name, value, isOwnValue, ttl }: Claim): LockMessages {
  const message = (method: Message['method'], form: Form): Message => {
    return { method, path: lockPathOf('/mod/v2/leader', name), form };
  };
  return {
    ...{ title: `election "${name}"`, name, value, ttlMs: ttl * 1000 },
    acquire: (timeout) => message('PUT', { name: value, ttl, timeout }),
    renew: () => message('PUT', { name: value, ttl, timeout: 0 }),
    isRenewal: (body, token) => body === String(token),
    release: () => message('DELETE', { name: value }),
    withdrawal: isOwnValue ? message('DELETE', { name: value }) : undefined,
  };
}
