import { type ByteStream, readBytes } from './byte-stream.js';
import { pause } from './clock.js';
import type { Endpoints } from './endpoints.js';
import {
  type ConclaveError,
  OutcomeUnknownError,
  RefusedError,
  UnavailableError,
} from './errors.js';
import {
  type Exchange,
  errorAnswer,
  etcdIndexOf,
  exchange,
  type Message,
  open,
  type Wire,
} from './exchange.js';
import { type Leave, type LineStream, lastLine, readLines } from './line-stream.js';

/**
 * Whether a request may be sent again when nobody knows what became of it.
 *
 * - `read`: it changes nothing.
 * - `idempotent`: twice has the effect of once.
 * - `once`: it may not. It is sent again only when it certainly had no effect: no connection could
 *   be opened, or the member refused it before it did anything.
 */
export type Repeatable = 'read' | 'idempotent' | 'once';

export interface RequestLimits {
  /** For one member. */
  readonly attemptMs: number;
  /** For all attempts together; infinite for ever. */
  readonly limitMs: number;
  /**
   * For those during which no endpoint can be connected to, or none at all where all refuse a
   * certificate. Undefined: none is given up before its time.
   */
  readonly unreachedMs?: number;
}

/** For as long as it takes, unless a person has to do something about it. */
export const untilAnswer = {
  limitMs: Number.POSITIVE_INFINITY,
  unreachedMs: Number.POSITIVE_INFINITY,
} as const;

export interface Request extends Message, RequestLimits {
  readonly repeatable: Repeatable;
  /** No longer than this it waits before the next attempt, whatever a member asked for. */
  readonly pauseMsMax?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface WaitingRequest {
  readonly messageOf: () => Message;
  readonly limitMs: number;
  readonly silenceMs: number;
  readonly signal: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly etcdIndex: number;
  /** What the member took for the time, in milliseconds since 1970. */
  readonly wallTimeMs: number;
  /** On the clock, before the attempt that was answered was sent. */
  readonly sentAt: number;
}

/** A member says so of a request that has certainly changed nothing. */
const noEffect = '"effect":"none"';

/** Matches nothing: a whole answer is none where one was asked for that goes on. */
const noWhole = /(?!)/;

type Failed = Exclude<Exchange, { type: 'answer' }> | { readonly type: 'busy'; error: unknown };

/** Sends requests to one member after the other, until one of them answers. */
export class Requests {
  readonly wire: Wire;
  readonly #endpoints: Endpoints;

  constructor(wire: Wire, endpoints: Endpoints) {
    this.wire = wire;
    this.#endpoints = endpoints;
  }

  /** Throws RefusedError, UnavailableError, OutcomeUnknownError, or the signal's reason. */
  async send(request: Request): Promise<Answer> {
    const attempts = new Attempts(this.wire, this.#endpoints, request);
    for (;;) {
      const endpoint = await attempts.next();
      const sentAt = this.wire.clock.now();
      const limitMs = Math.min(request.attemptMs, attempts.leftMs);
      const told = await exchange(this.wire, endpoint, request, limitMs, request.signal);
      const answer = this.#answerOf(told, endpoint, attempts, request);
      if (answer !== undefined) return { ...answer, sentAt };
    }
  }

  /**
   * Sends a request whose answer begins at once and is over with its last line, after blank ones
   * for as long as it takes (docs/modules.md, "A wait that is not silent"). The message is made
   * anew for each attempt, and each sign of life begins the limit anew. Throws as `send`.
   */
  async wait({ messageOf, silenceMs, ...limits }: WaitingRequest): Promise<Answer> {
    const rules = { ...untilAnswer, ...limits, repeatable: 'idempotent' } as const;
    const attempts = new Attempts(this.wire, this.#endpoints, rules);
    for (;;) {
      const endpoint = await attempts.next();
      const sentAt = this.wire.clock.now();
      const message = messageOf();
      const opened = await readLines(this.wire, limits.signal, silenceMs, (signal) =>
        open(this.wire, endpoint, message, signal),
      );
      const told =
        opened.type === 'stream' ? await lastLine(opened, () => attempts.beginAnew()) : opened;
      const answer = this.#answerOf(told, endpoint, attempts, message);
      if (answer !== undefined) return { ...answer, sentAt };
    }
  }

  /**
   * Opens an answer that goes on, and gives up on it when no byte came for `silenceMs`. Throws as
   * `send`.
   */
  stream(request: Request, silenceMs: number): Promise<LineStream> {
    return this.#open(request, (start) => readLines(this.wire, request.signal, silenceMs, start));
  }

  /** The same for an answer that is no text, which has to begin within the time of an attempt. */
  bytes(request: Request, silenceMs: number): Promise<ByteStream & Leave> {
    const patience = { beginMs: request.attemptMs, silenceMs };
    return this.#open(request, (start) => readBytes(this.wire, request.signal, patience, start));
  }

  async #open<T extends { readonly type: 'stream' }>(
    request: Request,
    read: (start: (signal: AbortSignal) => Promise<Response>) => Promise<T | Exchange>,
  ): Promise<T & Leave> {
    const attempts = new Attempts(this.wire, this.#endpoints, request);
    for (;;) {
      const endpoint = await attempts.next();
      const opened = await read((signal) => open(this.wire, endpoint, request, signal));
      if (opened.type === 'stream') {
        this.#endpoints.succeeded(endpoint);
        return { ...opened, leave: () => this.#endpoints.leave(endpoint) };
      }
      this.#answerOf(opened, endpoint, attempts, { answer: noWhole });
    }
  }

  /** Undefined: another attempt may do better. */
  #answerOf(
    told: Exchange,
    endpoint: string,
    attempts: Attempts,
    { answer = /^2\d\d (\{|$)/ }: Pick<Message, 'answer'>,
  ): Omit<Answer, 'sentAt'> | undefined {
    if (told.type !== 'answer') {
      attempts.failed(endpoint, told, undefined);
      return undefined;
    }
    const { status, headers, body } = told;
    const unserved = unservedBy(status, body);
    if (unserved !== undefined) {
      attempts.failed(endpoint, unserved, restMsOf(headers));
      return undefined;
    }
    this.#endpoints.succeeded(endpoint);
    const isMembers = body.trim() !== '' || headers.has('X-Etcd-Cluster-Id');
    if (!isMembers || !answer.test(`${status} ${body}`)) throw refusal(endpoint, status, body);
    const wallTimeMs = Date.parse(headers.get('Date') ?? '');
    return { status, body, etcdIndex: etcdIndexOf(headers), wallTimeMs };
  }
}

type AttemptRules = Omit<Request, keyof Message | 'attemptMs'>;

/** The attempts of one request: what they found out, and when the next one is due. */
class Attempts {
  readonly #wire: Wire;
  readonly #endpoints: Endpoints;
  readonly #request: AttemptRules;
  #until: number;
  #failure: unknown;
  #reached = false;
  #mayHaveEffect = false;
  /** When each endpoint is given up to which there was no connection at the last attempt. */
  readonly #unreachedUntil = new Map<string, number>();

  constructor(wire: Wire, endpoints: Endpoints, request: AttemptRules) {
    this.#wire = wire;
    this.#endpoints = endpoints;
    this.#request = request;
    this.#until = wire.clock.now() + request.limitMs;
  }

  /** A member is there and works on it. */
  beginAnew(): void {
    this.#until = this.#wire.clock.now() + this.#request.limitMs;
  }

  get leftMs(): number {
    return Math.max(0, this.#until - this.#wire.clock.now());
  }

  /** The member to ask, when it is time; throws when no time is left. */
  async next(): Promise<string> {
    const { signal, pauseMsMax = Number.POSITIVE_INFINITY } = this.#request;
    signal?.throwIfAborted();
    const { url, waitMs } = this.#endpoints.next();
    const leftMs = Math.min(this.leftMs, this.#hopeMs());
    const pauseMs = Math.min(waitMs, pauseMsMax, leftMs);
    if (pauseMs > 0) await pause(this.#wire.clock, pauseMs, signal);
    signal?.throwIfAborted();
    // A timer may be early by a moment, which is too short to learn what becomes of a request.
    if (pauseMs === leftMs || this.leftMs === 0) throw this.#givenUp();
    return url;
  }

  failed(endpoint: string, failed: Failed, restMs: number | undefined): void {
    const { repeatable, signal } = this.#request;
    signal?.throwIfAborted();
    this.#endpoints.failed(endpoint, restMs);
    this.#failure = failed.error;
    this.#observe(endpoint, failed.type);
    if (failed.error instanceof RefusedError) this.#reached = true;
    if (failed.type !== 'lost' || repeatable === 'read') return;
    this.#mayHaveEffect = true;
    if (repeatable === 'once') throw this.#givenUp();
  }

  /**
   * How long an endpoint may still come back if none is reached; one that is has the whole time.
   */
  #hopeMs(): number {
    if (this.#unreachedUntil.size < this.#endpoints.count) return Number.POSITIVE_INFINITY;
    return Math.max(0, Math.max(...this.#unreachedUntil.values()) - this.#wire.clock.now());
  }

  #observe(endpoint: string, how: Failed['type']): void {
    const { unreachedMs } = this.#request;
    const until = this.#unreachedUntil;
    if (how === 'lost' || how === 'busy') until.delete(endpoint);
    else if (unreachedMs !== undefined) {
      const now = this.#wire.clock.now();
      until.set(endpoint, how === 'untrusted' ? now : (until.get(endpoint) ?? now + unreachedMs));
    }
  }

  #givenUp(): ConclaveError {
    if (this.#mayHaveEffect) return new OutcomeUnknownError(this.#failure);
    return new UnavailableError(this.#reached, this.#failure ?? new Error('no time is left'));
  }
}

/**
 * What another attempt may do better. A member that closes the connection (408), or has seen too
 * many log-ins fail (429), has not looked at the request. One without a leader may have passed it
 * on before it said 503.
 */
function unservedBy(status: number, body: string): Failed | undefined {
  if (status !== 408 && status !== 429 && status !== 503) return undefined;
  const answer = errorAnswer(status, body);
  const hasNotBegun = status !== 503 || body.includes(noEffect);
  return { type: hasNotBegun ? 'busy' : 'lost', error: new RefusedError(status, answer) };
}

/** A browser does not tell the status of a redirect. */
function refusal(endpoint: string, status: number, body: string): RefusedError {
  if (status >= 400) return new RefusedError(status, errorAnswer(status, body));
  const how = status || 'with a redirect';
  const message = `${endpoint} answered ${how}, but not as a member does: give the address of one`;
  return new RefusedError(status, { errorCode: undefined, message, detail: '', index: 0 });
}

function restMsOf(headers: Headers): number | undefined {
  const seconds = Number(headers.get('Retry-After') ?? Number.NaN);
  return seconds >= 0 ? seconds * 1000 : undefined;
}
