import type { ConcurrencyLimit } from '../../service/concurrency-limit.js';
import type { TimeSlicer } from '../../service/time-slicer.js';
import type { ResponseHeaders, Sink, StreamResponse } from './api-response.js';

/** Bounds of one step; see `TimeSlicer`. */
const piecesMax = 64;
const textUnitsMax = 64 * 1024;

/** Bounds what all streamed answers together cost the member. */
interface StreamLimits {
  /** At a time. */
  readonly listingLimit: ConcurrencyLimit;
  readonly timeSlicer: TimeSlicer;
}

/** A text that is made while it is sent, so that it is never whole in memory. */
export interface LongText {
  /** Each takes little time to make. It may be empty: then time was spent on work without text. */
  readonly pieces: Iterator<string>;
  /** Called once, also when not all of it was read. */
  close(): void;
}

/**
 * Streams a long text as fast as its client reads and the time slicer allows. The text is closed
 * also when the answer is refused, since too many are under way.
 */
export function streamedReply(
  { listingLimit, timeSlicer }: StreamLimits,
  method: string,
  headers: ResponseHeaders,
  text: LongText,
): StreamResponse {
  const release = enter(listingLimit, text);
  return {
    type: 'stream',
    status: 200,
    waits: false,
    headers,
    start: (sink) => {
      if (method === 'HEAD') sink.end();
      else scheduleStep(text.pieces, timeSlicer, sink);
    },
    onEnd: () => {
      text.close();
      release();
    },
  };
}

function enter(limit: ConcurrencyLimit, text: LongText): () => void {
  try {
    return limit.enter();
  } catch (error) {
    text.close();
    throw error;
  }
}

function scheduleStep(pieces: Iterator<string>, timeSlicer: TimeSlicer, sink: Sink): void {
  sink.onRoom(() => timeSlicer.add(() => writeStep(pieces, timeSlicer, sink)));
}

function writeStep(pieces: Iterator<string>, timeSlicer: TimeSlicer, sink: Sink): void {
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
  scheduleStep(pieces, timeSlicer, sink);
}
