import { type ClientOptions, ConclaveClient } from '../../src/client/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { settle } from '../support/settle.js';

/** What a member was asked. */
export interface Asked {
  /** The first letter of its host. */
  readonly member: string;
  readonly method: string;
  readonly path: string;
  readonly form: Readonly<Record<string, string>>;
  readonly headers: Headers;
  readonly signal: AbortSignal;
}

export type Answering = (asked: Asked) => Promise<Response>;

/** Three members a, b and c that answer what a test says, and a client that asks a first. */
export class FakeMembers {
  readonly clock = new ManualClock(1000);
  readonly asked: Asked[] = [];
  readonly client: ConclaveClient;
  #answering: Answering;

  constructor(
    answering: Answering,
    endpoints = ['http://a', 'http://b/', 'http://c'],
    options: Pick<ClientOptions, 'user' | 'password' | 'unreachedTimeoutMs'> = {},
  ) {
    this.#answering = answering;
    this.client = new ConclaveClient({
      ...{ endpoints, ...options },
      fetch: (url, init) => this.#fetch(new URL(url), init),
      clock: this.clock,
      random: () => 0,
    });
  }

  /** From now on. */
  answer(answering: Answering): void {
    this.#answering = answering;
  }

  /** As `member METHOD path`, since the last call. */
  takeAsked(): readonly string[] {
    return this.asked.splice(0).map(({ member, method, path }) => `${member} ${method} ${path}`);
  }

  /** Time passes in steps, and after each of them everything happens that it led to. */
  async pass(ms: number): Promise<void> {
    const stepMs = 50;
    await settle();
    for (let left = ms; left > 0; left -= stepMs) {
      this.clock.advance(Math.min(stepMs, left));
      await settle();
    }
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    const asked = {
      member: url.hostname.slice(0, 1),
      method: init.method ?? '',
      path: url.pathname,
      form: Object.fromEntries([
        ...url.searchParams,
        ...new URLSearchParams(init.body instanceof URLSearchParams ? init.body : ''),
      ]),
      headers: new Headers(init.headers),
      signal: init.signal ?? new AbortController().signal,
    };
    this.asked.push(asked);
    asked.signal.throwIfAborted();
    return await Promise.race([this.#answering(asked), aborted(asked.signal)]);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

export async function says(body: string, index = 7): Promise<Response> {
  const headers = { 'X-Etcd-Cluster-Id': 'cluster', 'X-Etcd-Index': String(index) };
  return new Response(body, { headers });
}

export async function refuses(status: number, errorCode: number, index = 7): Promise<Response> {
  const body = JSON.stringify({ errorCode, message: 'No', cause: 'because', index });
  const headers = status === 503 || status === 429 ? { 'Retry-After': '1' } : {};
  return new Response(body, { status, headers });
}

/** As a member that has certainly changed nothing. */
export async function isUnavailable(errorCode: number): Promise<Response> {
  const told = { errorCode, message: 'No', cause: 'because', index: 7, effect: 'none' };
  return new Response(JSON.stringify(told), { status: 503, headers: { 'Retry-After': '1' } });
}

/** Nothing listens there, as Node's `fetch` says it. */
export async function isDown(): Promise<never> {
  throw fetchFailed('ECONNREFUSED');
}

/** The client does not trust the certificate of the member. */
export async function isUntrusted(code: string): Promise<never> {
  throw fetchFailed(code);
}

/** The member has stopped to listen before it took the connection. */
export async function isStopping(): Promise<never> {
  throw fetchFailed('ECONNRESET', 'connect');
}

/** The connection breaks while the client waits for the answer. */
export async function breaks(): Promise<never> {
  throw fetchFailed('UND_ERR_SOCKET');
}

export function isSilent(): Promise<never> {
  return new Promise(() => undefined);
}

function fetchFailed(code: string, syscall?: string): TypeError {
  const cause = Object.assign(new Error(`connect ${code}`), { code, syscall });
  return new TypeError('fetch failed', { cause });
}

/** An answer that goes on as a test says. */
export class FakeStream {
  readonly #index: number;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(index: number) {
    this.#index = index;
  }

  async response({ signal }: Asked): Promise<Response> {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
        signal.addEventListener('abort', () => this.#fail(signal.reason));
      },
    });
    return new Response(body, { headers: { 'X-Etcd-Index': String(this.#index) } });
  }

  send(text: string): void {
    this.#controller?.enqueue(new TextEncoder().encode(text));
  }

  end(): void {
    this.#controller?.close();
    this.#controller = undefined;
  }

  breakOff(): void {
    this.#fail(fetchFailed('UND_ERR_SOCKET'));
  }

  #fail(reason: unknown): void {
    this.#controller?.error(reason);
    this.#controller = undefined;
  }
}
