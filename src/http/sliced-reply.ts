import type { ResponseHeaders, Sink, StreamResponse } from './api-response.js';
import type { ApiContext } from './context.js';
import type { Slices } from './slices.js';

/** Pieces between two looks at what they came to. */
const piecesMax = 64;
const textUnitsMax = 64 * 1024;

/** A text that is made while it is sent. */
export interface LongText {
  /** Each takes little time to make; an empty one is time that was spent on something else. */
  readonly pieces: Iterator<string>;
  /** Called once, however much of it was read. */
  close(): void;
}

/**
 * An answer that is too long to be made at once: it is made in slices, of which each reader gets as
 * many as it can take. The text is closed when there is no room for another one, too.
 */
export function slicedReply(
  { listingLimit, slices }: ApiContext,
  method: string,
  headers: ResponseHeaders,
  text: LongText,
): StreamResponse {
  const release = enter(listingLimit, text);
  return {
    type: 'stream',
    status: 200,
    headers,
    start: (sink) => {
      if (method === 'HEAD') sink.end();
      else goOn(text.pieces, slices, sink);
    },
    onEnd: () => {
      text.close();
      release();
    },
  };
}

function enter(limit: ApiContext['listingLimit'], text: LongText): () => void {
  try {
    return limit.enter();
  } catch (error) {
    text.close();
    throw error;
  }
}

function goOn(pieces: Iterator<string>, slices: Slices, sink: Sink): void {
  sink.onRoom(() => slices.add(() => writeSlice(pieces, slices, sink)));
}

function writeSlice(pieces: Iterator<string>, slices: Slices, sink: Sink): void {
  let text = '';
  for (let taken = 0; taken < piecesMax && text.length < textUnitsMax; taken += 1) {
    const { done, value } = pieces.next();
    if (done === true) {
      sink.write(text);
      sink.end();
      return;
    }
    text += value;
  }
  sink.write(text);
  goOn(pieces, slices, sink);
}
