import type { Form, Message } from './exchange.js';
import { lockPathOf } from './path.js';

/** What is asked of one lock, or of one election, by one who wants it. */
export interface LockMessages {
  /** For people: `lock "reports"`. */
  readonly title: string;
  readonly name: string;
  readonly value: string;
  readonly ttlMs: number;
  /** Answered with the token. */
  acquire(wait: Wait): Message;
  /** Never waits. */
  renew(token: number): Message;
  release(token: number): Message;
  /** Removes the place, whether it waits or holds; undefined when others may share it. */
  readonly withdrawal: Message | undefined;
}

/** In seconds. */
export interface Wait {
  /** Undefined: as long as it takes. */
  readonly timeout: number | undefined;
  /** Between two signs of life; undefined: the answer comes in one piece. */
  readonly progress?: number;
}

/** The fencing token, of so few digits that it is read exactly. */
const token = /^200 [1-9]\d{0,14}\s*$/;
/** A lock answers with nothing, an election with the token. */
const done = /^200 \d*\s*$/;

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
  const message = (method: Message['method'], form: Form, answer = done): Message => {
    return { method, path: lockPathOf('/mod/v2/lock', name), form, answer };
  };
  return {
    ...{ title: `lock "${name}"`, name, value, ttlMs: ttl * 1000 },
    acquire: (wait) => message('POST', { value, ttl, ...wait, ...share }, token),
    renew: (index) => message('PUT', { index, ttl }),
    release: (index) => message('DELETE', { index }),
    withdrawal: isOwnValue ? message('DELETE', { value }) : undefined,
  };
}

/** The value is the candidate's name. It is renewed by coming back to the place by its index. */
export function electionMessages({ name, value, isOwnValue, ttl }: Claim): LockMessages {
  const message = (method: Message['method'], form: Form, answer = done): Message => {
    return { method, path: lockPathOf('/mod/v2/leader', name), form, answer };
  };
  return {
    ...{ title: `election "${name}"`, name, value, ttlMs: ttl * 1000 },
    acquire: (wait) => message('PUT', { name: value, ttl, ...wait }, token),
    renew: (index) => message('PUT', { index, ttl, timeout: 0 }),
    release: (index) => message('DELETE', { index }),
    withdrawal: isOwnValue ? message('DELETE', { name: value }) : undefined,
  };
}
