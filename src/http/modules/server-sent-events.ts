import type { Clock } from '../../member/clock.js';
import type { ServiceContext } from '../../service/service-context.js';
import type { ApiRequest } from '../server/api-request.js';
import type { ResponseHeaders, Sink, StreamResponse } from '../server/api-response.js';

/** WHATWG HTML, "Server-sent events". */
export const eventStreamType = 'text/event-stream';

/** Between two comments that show a client that its stream is alive. */
const heartbeatMs = 15_000;

export interface ServerSentEvent {
  readonly event: string;
  readonly id: number;
  /** JSON has no newline, so it is one `data` line. */
  readonly data: object;
}

/** The events of one stream. */
export interface EventSource {
  /** Returns the events since the last call. */
  take(): readonly ServerSentEvent[];
  /** Calls the listener when there may be more events. Returns how to unsubscribe. */
  onMore(listener: () => void): () => void;
}

export function eventStream(
  headers: ResponseHeaders,
  source: EventSource,
  { coordinator, waitLimit }: ServiceContext,
  { signal }: Pick<ApiRequest, 'signal'>,
): StreamResponse {
  const release = waitLimit.enter();
  return {
    type: 'stream',
    status: 200,
    waits: true,
    headers: { ...headers, 'Content-Type': eventStreamType, 'Cache-Control': 'no-cache' },
    start: (sink) => new EventStream(source, coordinator.clock, signal, sink).start(),
    onEnd: release,
  };
}

class EventStream {
  readonly #source: EventSource;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #sink: Sink;
  #waiting: string[] = [];
  #ended = false;
  #stopListening = () => {};
  #cancelHeartbeat = () => {};

  constructor(source: EventSource, clock: Clock, signal: AbortSignal, sink: Sink) {
    this.#source = source;
    this.#clock = clock;
    this.#signal = signal;
    this.#sink = sink;
  }

  start(): void {
    this.#signal.addEventListener('abort', this.#end);
    if (this.#signal.aborted) {
      this.#end();
      return;
    }
    this.#stopListening = this.#source.onMore(this.#collect);
    this.#collect();
    this.#beatLater();
  }

  /** Called while the state changes: new events are collected now, and written in a later turn. */
  readonly #collect = (): void => {
    const isScheduled = this.#waiting.length > 0;
    for (const event of this.#source.take()) this.#waiting.push(textOf(event));
    if (!isScheduled && this.#waiting.length > 0) setImmediate(this.#flush);
  };

  readonly #flush = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (!this.#ended) for (const text of waiting) this.#sink.write(text);
  };

  #beatLater(): void {
    this.#cancelHeartbeat = this.#clock.after(heartbeatMs, () => {
      this.#sink.write(': heartbeat\n\n');
      this.#beatLater();
    });
  }

  readonly #end = (): void => {
    this.#ended = true;
    this.#stopListening();
    this.#cancelHeartbeat();
    this.#sink.end();
  };
}

function textOf({ event, id, data }: ServerSentEvent): string {
  return `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}
