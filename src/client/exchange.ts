import type { Clock } from './clock.js';
import { codeOf, type ErrorAnswer, syscallOf } from './errors.js';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

type FieldValue = string | number | boolean | undefined;

/** @internal The parameters of a request; those that are undefined are left out. */
export type Form = Readonly<Record<string, FieldValue>>;

/** @internal */
export interface Message {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly form: Form;
  /** The body, in place of the form, where a route takes nothing else. */
  readonly json?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** The status and the body with which a member says yes. If left out, JSON or an empty body. */
  readonly answer?: RegExp;
}

/** @internal How one attempt to reach one member ended. */
export type Exchange =
  | { readonly type: 'answer'; readonly status: number; readonly headers: Headers; body: string }
  /** It never left this machine, so it has no effect. */
  | { readonly type: 'unsent'; readonly error: unknown }
  /** Nor did this one, since a certificate is refused, which another attempt will not change. */
  | { readonly type: 'untrusted'; readonly error: unknown }
  /** Nobody knows whether the member got it. */
  | { readonly type: 'lost'; readonly error: unknown };

/** Faults of connections that were never open, as Node and its `fetch` call them. */
const unsentCodes: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** All is verified before the request is sent, and none of these is told later. */
const certificateFault =
  /^(ERR_TLS_)?CERT_|SELF_SIGNED_CERT|^UNABLE_TO_|^INVALID_(CA|PURPOSE)$|^HOSTNAME_MISMATCH$|WRONG_VERSION/;
/** Nor is a member's refusal of the client's own: it reads no request before. */
const certificateRefused = /_ALERT_(BAD_|UNSUPPORTED_)?CERTIFICATE|_ALERT_UNKNOWN_CA$/;

/** @internal */
export interface Wire {
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Who asks: the value of the header of that name. */
  readonly authorization?: string | undefined;
}

/** @internal Sends a message to one member, and waits `limitMs` for the whole answer. */
export async function exchange(
  wire: Wire,
  endpoint: string,
  message: Message,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<Exchange> {
  const limit = new Limit(wire.clock, signal);
  limit.within(limitMs, `no answer within ${Math.round(limitMs)} ms`);
  try {
    const response = await open(wire, endpoint, message, limit.signal);
    const body = await response.text();
    return { type: 'answer', status: response.status, headers: response.headers, body };
  } catch (error) {
    return fault(error, limit);
  } finally {
    limit.end();
  }
}

/** @internal Why no answer came. */
export function fault(error: unknown, limit: Limit): Exclude<Exchange, { type: 'answer' }> {
  const code = codeOf(error) ?? '';
  if (certificateRefused.test(code)) {
    return { type: 'untrusted', error: new Error('the member wants a certificate that it trusts') };
  }
  if (certificateFault.test(code)) return { type: 'untrusted', error };
  const unsent = unsentCodes.has(code) || syscallOf(error) === 'connect';
  return { type: unsent ? 'unsent' : 'lost', error: limit.reasonOr(error) };
}

/**
 * @internal GET has no body in `fetch`, so its form goes into the query. No redirect is followed:
 *   it could turn a POST into a GET, whose answer would be taken for that of the POST.
 */
export function open(
  { fetch, authorization }: Wire,
  endpoint: string,
  { method, path, form, json, headers = {} }: Message,
  signal: AbortSignal,
): Promise<Response> {
  const sent = authorization === undefined ? headers : { ...headers, authorization };
  const init = { method, headers: sent, signal, redirect: 'manual' } as const;
  if (json !== undefined) {
    const typed = { ...sent, 'Content-Type': 'application/json' };
    const body = JSON.stringify(json);
    return fetch(`${endpoint}${path}`, { ...init, headers: typed, body });
  }
  const fields = Object.entries(form).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams();
  for (const [name, value] of fields) text.append(name, String(value));
  const isGet = method === 'GET';
  const query = isGet && fields.length > 0 ? `?${text}` : '';
  const body = isGet ? null : text;
  return fetch(`${endpoint}${path}${query}`, { ...init, body });
}

/** @internal An error of the API, or what stands in for one that is none. */
export function errorAnswer(status: number, body: string): ErrorAnswer {
  const { errorCode, message, cause, index } = fieldsIn(body);
  if (typeof message !== 'string') {
    const detail = body.slice(0, 200);
    return { errorCode: undefined, message: `status ${status}`, detail, index: 0 };
  }
  return {
    errorCode: typeof errorCode === 'number' ? errorCode : undefined,
    message,
    detail: typeof cause === 'string' ? cause : '',
    index: typeof index === 'number' ? index : 0,
  };
}

/** Whatever else is at the address of a member may answer with anything. */
function fieldsIn(body: string): Partial<Record<string, unknown>> {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}

/** @internal The index of the key store when the answer was made. */
export function etcdIndexOf(headers: Headers): number {
  return Number(headers.get('X-Etcd-Index') ?? 0);
}

/**
 * @internal A signal that is aborted with another one, after a time in which nothing came, or at
 *   the end.
 */
export class Limit {
  readonly #clock: Clock;
  readonly #outer: AbortSignal | undefined;
  readonly #controller = new AbortController();
  #cancel: () => void = () => undefined;

  constructor(clock: Clock, outer: AbortSignal | undefined) {
    this.#clock = clock;
    this.#outer = outer;
    if (outer?.aborted === true) this.#controller.abort(outer.reason);
    outer?.addEventListener('abort', this.#onOuter);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why it was aborted, which says more than the fault that the abortion caused. */
  reasonOr(error: unknown): unknown {
    return this.signal.aborted ? this.signal.reason : error;
  }

  /** Begins the time anew. */
  within(ms: number, otherwise: string): void {
    this.#cancel();
    this.#cancel = this.#clock.after(ms, () => this.#controller.abort(new Error(otherwise)));
  }

  /** Closes the connection, too, if its answer was not read to the end. */
  end(): void {
    this.#cancel();
    this.#outer?.removeEventListener('abort', this.#onOuter);
    this.#controller.abort();
  }

  readonly #onOuter = (): void => this.#controller.abort(this.#outer?.reason);
}
