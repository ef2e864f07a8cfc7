import { readBytes } from './byte-stream.js';
import { type Exchange, errorAnswer, type Wire } from './exchange.js';

export interface Leave {
  /** Another member is to be asked next. */
  readonly leave: () => void;
}

/** An answer that goes on, line by line. */
export interface LineStream extends Leave {
  readonly type: 'stream';
  readonly headers: Headers;
  /** Ends with the answer, and when the connection breaks or falls silent; only a signal throws. */
  readonly lines: AsyncGenerator<string, void, undefined>;
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

type Opened = Omit<LineStream, 'leave'> | Exchange;

/** Any other status than 200 comes with a whole body. */
export async function readLines(
  wire: Pick<Wire, 'clock'>,
  signal: AbortSignal | undefined,
  silenceMs: number,
  start: (signal: AbortSignal) => Promise<Response>,
): Promise<Opened> {
  const opened = await readBytes(wire, signal, { beginMs: silenceMs, silenceMs }, start);
  if (opened.type !== 'stream') return opened;
  const { type, headers, bytes } = opened;
  return { type, headers, lines: linesOf(bytes) };
}

/**
 * What stands in the last line as the answer that it is; an error there could not have a status.
 */
export async function lastLine(
  { lines, headers }: Pick<LineStream, 'lines' | 'headers'>,
  heard: () => void,
): Promise<Exchange> {
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
  bytes: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}
