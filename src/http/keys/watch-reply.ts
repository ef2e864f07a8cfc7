import type { NodeEvent } from '../../command/event.js';
import type { Identity } from '../../command/identity.js';
import type { Right } from '../../command/right.js';
import type { Revocable, Revocations } from '../../service/revocations.js';
import type { ServiceContext } from '../../service/service-context.js';
import type { Watcher, WatchRequest } from '../../view/watch.js';
import { errorReply, stateHeaders } from '../replies.js';
import type { ApiResponse, ResponseHeaders, Sink, StreamResponse } from '../server/api-response.js';
import type { EventPump, Feed } from './event-pump.js';
import type { KeyRequest } from './key-request.js';
import { watchRights } from './key-rights.js';

/** What the handlers of the keys API work with. */
export interface KeysContext extends ServiceContext {
  readonly eventPump: EventPump;
  /** What a `GET` without `quorum` reads; `local` is this member's own state, perhaps stale. */
  readonly defaultRead: 'local' | 'linearizable';
}

/** A stream with more queued events is ended. (etcd's limit is a hundred.) */
export const eventsBehindMax = 10_000;

/**
 * The head of the answer is sent at once, with the index at which the watch began. A long poll ends
 * with its first event, a stream with its client.
 */
export function watchReply(
  context: KeysContext,
  keyRequest: KeyRequest,
  identity: Identity | undefined,
): ApiResponse {
  const { coordinator, waitLimit, eventPump, revocations } = context;
  const release = waitLimit.enter();
  const feed = new EventFeed(keyRequest, identity, { eventPump, revocations }, release);
  const watch = coordinator.state.keys.watch(feed);
  if (!watch.ok) {
    release();
    return errorReply(coordinator, watch.error);
  }
  feed.follow(watch.value);
  return feed.reply(stateHeaders(coordinator, watch.value.startIndex));
}

/**
 * One watch, from its request to the end of its connection. Thousands may wait for hours, so it
 * keeps nothing else of the request.
 */
class EventFeed implements WatchRequest, Feed, Revocable {
  readonly path: string;
  readonly recursive: boolean;
  readonly stream: boolean;
  readonly sinceIndex: number;
  readonly identity: Identity | undefined;
  readonly #pump: EventPump;
  readonly #revocations: Revocations;
  readonly #release: () => void;
  #watcher: Watcher | undefined;
  #sink: Sink | undefined;
  #waiting: NodeEvent[] | undefined;
  #finished = false;
  #scheduled = false;

  constructor(
    request: KeyRequest,
    identity: Identity | undefined,
    { eventPump, revocations }: Pick<KeysContext, 'eventPump' | 'revocations'>,
    release: () => void,
  ) {
    this.identity = identity;
    this.path = request.path;
    this.recursive = request.recursive;
    this.stream = request.stream;
    this.sinceIndex = request.waitIndex;
    this.#pump = eventPump;
    this.#revocations = revocations;
    this.#release = release;
  }

  follow(watcher: Watcher): void {
    this.#watcher = watcher;
    this.#pump.open(this);
    this.#revocations.add(this);
    if (this.#pump.isClosed) this.onCleared();
  }

  /** Made here, so that its closures keep only the feed alive. */
  reply(headers: ResponseHeaders): StreamResponse {
    return {
      type: 'stream',
      status: 200,
      waits: true,
      headers,
      start: (sink) => this.#start(sink),
      onEnd: () => this.#end(),
    };
  }

  /** Called from inside an apply. The event is queued, and written later. */
  onEvent(event: NodeEvent): void {
    if (this.#finished) return;
    this.#waiting ??= [];
    if (this.#waiting.length >= eventsBehindMax || this.#pump.isFull) {
      this.onCleared();
      return;
    }
    this.#waiting.push(event);
    this.#pump.eventWaits();
    if (!this.stream) this.#finished = true;
    this.#schedule();
  }

  /** No more events will come. The queued ones are written, without a gap, and the stream ends. */
  onCleared(): void {
    this.#finished = true;
    this.#schedule();
  }

  close(): void {
    this.#watcher?.close();
    this.onCleared();
  }

  rights(): readonly Right[] {
    return watchRights(this);
  }

  /** What happened before is told, and nothing of what happens from now on. */
  revoke(): void {
    this.close();
  }

  flush(eventsMax: number): number {
    this.#scheduled = false;
    const sink = this.#sink;
    if (sink === undefined) return 0;
    const events = this.#waiting?.slice(0, eventsMax) ?? [];
    const rest = this.#waiting?.slice(eventsMax) ?? [];
    this.#waiting = rest.length > 0 ? rest : undefined;
    for (const event of events) sink.write(this.#pump.textOf(event));
    if (rest.length > 0) this.#schedule();
    else if (this.#finished) sink.end();
    return events.length;
  }

  #start(sink: Sink): void {
    this.#sink = sink;
    if (this.#waiting !== undefined || this.#finished) this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#sink === undefined) return;
    this.#scheduled = true;
    this.#pump.schedule(this);
  }

  /** The connection has closed. */
  #end(): void {
    this.#watcher?.close();
    this.#revocations.delete(this);
    this.#pump.forget(this, this.#waiting?.length ?? 0);
    this.#waiting = undefined;
    this.#finished = true;
    this.#release();
  }
}
