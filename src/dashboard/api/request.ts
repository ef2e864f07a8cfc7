import { ApiError } from './failure.js';
import { Fields, ShapeError } from './fields.js';
import { ownHeaders } from './session.js';

export interface Question {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Below the root of the API, without a leading slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
  /** In place of a form, where the API takes JSON. */
  readonly json?: object;
  readonly accept?: string;
  readonly signal: AbortSignal;
  /** The time until the head of the answer arrives. */
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly body: unknown;
  /** From the X-Etcd-Index header. */
  readonly etcdIndex: number;
  /** When the member answered, by its own clock. */
  readonly serverTimeMs: number;
}

/** The page is at mod/dashboard/ below this, also behind a proxy that adds a prefix. */
const apiRoot = new URL('../../', document.baseURI);

const defaultTimeoutMs = 8_000;
const errorLeaderElect = 301;

export function urlOf(path: string, query: Readonly<Record<string, string>> = {}): string {
  const url = new URL(path, apiRoot);
  url.search = new URLSearchParams(query).toString();
  return url.href;
}

/** Appends a name, which may have any character, to a path of the API. */
export function pathOf(prefix: string, name: string): string {
  return prefix + name.split('/').map(encodeURIComponent).join('/');
}

/** @throws {ApiError} when there is no good answer, or the signal's reason when it was aborted. */
export async function ask(question: Question): Promise<Answer> {
  const response = await open(question);
  const text = await textOf(response, question.signal);
  return {
    body: text === '' ? undefined : parsed(text),
    etcdIndex: Number(response.headers.get('X-Etcd-Index') ?? 0),
    serverTimeMs: Date.parse(response.headers.get('Date') ?? '') || Date.now(),
  };
}

/** Resolves with the head of the answer. Throws like `ask`. */
export async function open(question: Question): Promise<Response> {
  const response = await send(question);
  if (response.ok) return response;
  throw errorOf(response.status, await textOf(response, question.signal));
}

async function send(question: Question) {
  const { method, path, query, signal, timeoutMs } = question;
  const timer = new AbortController();
  const timeout = setTimeout(() => timer.abort(), timeoutMs ?? defaultTimeoutMs);
  try {
    return await fetch(urlOf(path, query), {
      method,
      cache: 'no-store',
      headers: headersOf(question),
      body: bodyOf(question),
      signal: AbortSignal.any([signal, timer.signal]),
    });
  } catch {
    signal.throwIfAborted();
    throw new ApiError({ type: 'unreachable' });
  } finally {
    clearTimeout(timeout);
  }
}

function headersOf({ accept, json }: Question): Readonly<Record<string, string>> {
  return {
    ...ownHeaders(),
    ...(accept === undefined ? {} : { Accept: accept }),
    ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
  };
}

function bodyOf({ form, json }: Question): string | URLSearchParams | null {
  if (json !== undefined) return JSON.stringify(json);
  return form === undefined ? null : new URLSearchParams(form);
}

async function textOf(response: Response, signal: AbortSignal): Promise<string> {
  try {
    return await response.text();
  } catch {
    signal.throwIfAborted();
    throw new ApiError({ type: 'unreachable' });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError({ type: 'strange', what: 'the answer is no JSON' });
  }
}

function errorOf(status: number, text: string): ApiError {
  try {
    const fields = new Fields(JSON.parse(text), 'the error');
    const errorCode = fields.optionalNumber('errorCode');
    if (errorCode === errorLeaderElect) return new ApiError({ type: 'noLeader' });
    return new ApiError({
      type: 'refused',
      status,
      errorCode,
      message: fields.optionalText('message') ?? `Status ${status}`,
      cause: fields.optionalText('cause') ?? '',
      index: fields.optionalNumber('index') ?? 0,
    });
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof ShapeError)) throw error;
    const message = `The member answered with status ${status}`;
    return new ApiError({
      type: 'refused',
      status,
      errorCode: undefined,
      message,
      cause: '',
      index: 0,
    });
  }
}
