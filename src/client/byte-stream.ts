import { type Exchange, fault, Limit, type Wire } from './exchange.js';

/** An answer that goes on. */
export interface ByteStream {
  readonly type: 'stream';
  readonly headers: Headers;
  /** Ends with the answer, and when the connection breaks or falls silent; only a signal throws. */
  readonly bytes: AsyncGenerator<Uint8Array, void, undefined>;
}

/** How long nothing may come: at first, and later. */
export interface Patience {
  readonly beginMs: number;
  readonly silenceMs: number;
}

/** Any other status than 200 comes with a whole body. */
export async function readBytes(
  { clock }: Pick<Wire, 'clock'>,
  signal: AbortSignal | undefined,
  { beginMs, silenceMs }: Patience,
  start: (signal: AbortSignal) => Promise<Response>,
): Promise<ByteStream | Exchange> {
  const limit = new Limit(clock, signal);
  const within = (ms: number) => limit.within(ms, `nothing came for ${Math.round(ms)} ms`);
  const heard = () => within(silenceMs);
  within(beginMs);
  try {
    const response = await start(limit.signal);
    const { status, headers, body } = response;
    heard();
    if (status === 200 && body !== null) {
      return { type: 'stream', headers, bytes: bytesOf(body, limit, heard, signal) };
    }
    const text = await response.text();
    limit.end();
    return { type: 'answer', status, headers, body: text };
  } catch (error) {
    const failed = fault(error, limit);
    limit.end();
    return failed;
  }
}

async function* bytesOf(
  body: ReadableStream<Uint8Array>,
  limit: Limit,
  heard: () => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader();
  try {
    for (;;) {
      const chunk = await nextChunk(reader, signal);
      if (chunk === undefined) return;
      heard();
      yield chunk;
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
