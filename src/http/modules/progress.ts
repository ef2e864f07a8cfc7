import type { Clock } from '../../member/clock.js';
import { ApiError } from '../../service/api-error.js';
import { decimalParameter } from '../parameters.js';
import {
  type ApiResponse,
  type ResponseHeaders,
  type Sink,
  type StreamResponse,
  textType,
} from '../server/api-response.js';
import type { Parameters } from '../server/form.js';

const intervalSecondsMax = 60;

/** Undefined when the client wants its answer in one piece. */
export function progressMsOf(parameters: Parameters): number | undefined {
  const cause = `progress must be a whole number of seconds from 1 to ${intervalSecondsMax}`;
  const seconds = decimalParameter(parameters, 'progress', 'invalidField', cause);
  if (seconds === undefined) return undefined;
  if (seconds < 1 || seconds > intervalSecondsMax) throw new ApiError('invalidField', cause);
  return seconds * 1000;
}

/**
 * The answer to a request that waits, with `progress`: the head is sent at once, and a blank line
 * after each interval, so that nobody in between takes the silence for an end. The body of the
 * reply comes last, on a line of its own, be it an index or an error: its status and its headers
 * can't be sent any more. A reply that stays open goes on with its blank lines.
 * @param reply does not fail.
 */
export function progressReply(
  headers: ResponseHeaders,
  reply: Promise<ApiResponse>,
  clock: Clock,
  intervalMs: number,
): StreamResponse {
  const stream = new ProgressStream(reply, clock, intervalMs);
  return {
    type: 'stream',
    status: 200,
    headers: { ...headers, 'Content-Type': textType, 'Cache-Control': 'no-cache' },
    waits: true,
    start: (sink) => stream.start(sink),
    onEnd: () => stream.end(),
  };
}

class ProgressStream {
  readonly #reply: Promise<ApiResponse>;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  /** Undefined before the start, and when the client was gone by then. */
  #sink: Sink | undefined;
  #ended = false;
  #cancelBeat = () => {};
  #endReply = () => {};

  constructor(reply: Promise<ApiResponse>, clock: Clock, intervalMs: number) {
    this.#reply = reply;
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  start(sink: Sink): void {
    this.#sink = sink;
    this.#beatLater(sink);
    void this.#reply.then(this.#deliver);
  }

  end(): void {
    this.#ended = true;
    this.#cancelBeat();
    this.#endReply();
    if (this.#sink === undefined) void this.#reply.then(this.#deliver);
  }

  readonly #deliver = (reply: ApiResponse): void => {
    const sink = this.#sink;
    if (sink === undefined || this.#ended) {
      if (reply.type === 'stream') reply.onEnd();
      return;
    }
    if (reply.type === 'stream') {
      this.#endReply = reply.onEnd;
      reply.start(sink);
      return;
    }
    sink.write(reply.body.endsWith('\n') ? reply.body : `${reply.body}\n`);
    sink.end();
  };

  #beatLater(sink: Sink): void {
    this.#cancelBeat = this.#clock.after(this.#intervalMs, () => {
      sink.write('\n');
      this.#beatLater(sink);
    });
  }
}
