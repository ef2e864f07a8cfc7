import { errorAnswer, Limit, type Wire } from './exchange.js';

/** An answer that goes on, line by line. */
export interface LineStream {
  readonly type: 'stream';
  readonly headers: Headers;
  /** Ends with the answer, and when the connection breaks or falls silent; only a signal throws. */
  readonly lines: AsyncGenerator<string, void, undefined>;
  /** Another member is to be asked next. */
  readonly leave: () => void;
}

/** As docs/api.md has them, for errors of a request that waits. Of others it is 400. */
const statuses: ReadonlyMap<number, number> = new Map([
  [100, 404],
  [111, 409],
  [112, 409],
  [113, 409],
  [301, 503],
  [302, 503],
]);

type Opened =
  | Omit<LineStream, 'leave'>
  | { readonly type: 'answer'; readonly status: number; readonly headers: Headers; body: string }
  | { readonly type: 'lost'; readonly error: unknown };

/** Any other status than 200 comes with a whole body. */
export async function readLines(
  { clock }: Pick<Wire, 'clock'>,
  signal: AbortSignal | undefined,
  silenceMs: number,
  start: (signal: AbortSignal) => Promise<Response>,
): Promise<Opened> {
  const limit = new Limit(clock, signal);
  const heard = () => limit.within(silenceMs, `nothing came for ${Math.round(silenceMs)} ms`);
  heard();
  try {
    const response = await start(limit.signal);
    const { status, headers, body } = response;
    heard();
    if (status === 200 && body !== null) {
      const lines = linesOf(body, limit, heard, signal);
      return { type: 'stream', headers, lines };
    }
    const text = await response.text();
    limit.end();
    return { type: 'answer', status, headers, body: text };
  } catch (error) {
    const reason = limit.reasonOr(error);
    limit.end();
    return { type: 'lost', error: reason };
  }
}

/**
 * What stands in the last line as the answer that it is; an error there could not have a status.
 */
export async function lastLine(
  { lines, headers }: Pick<LineStream, 'lines' | 'headers'>,
  heard: () => void,
): Promise<Exclude<Opened, { type: 'stream' }>> {
  for await (const line of lines) {
    heard();
    if (line === '') continue;
    const { errorCode } = errorAnswer(200, line);
    const status = errorCode === undefined ? 200 : (statuses.get(errorCode) ?? 400);
    return { type: 'answer', status, headers, body: line };
  }
  return { type: 'lost', error: new Error('the answer broke off') };
}

async function* linesOf(
  body: ReadableStream<Uint8Array>,
  limit: Limit,
  heard: () => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const chunk = await nextChunk(reader, signal);
      if (chunk === undefined) return;
      heard();
      const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = parts.pop() ?? '';
      yield* parts;
    }
  } finally {
    limit.end();
  }
}

/** A connection that broke says no more than one that ended. */
async function nextChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  try {
    return (await reader.read()).value;
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}
