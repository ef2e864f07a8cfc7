import type { NodeEvent } from '../../command/event.js';
import type { CommandError } from '../../command/result.js';
import type { Watcher } from '../../member/state-view.js';
import type { FaceContext } from '../context.js';
import type { FaceRequest } from '../face-request.js';
import type { FaceResponse, Sink } from '../face-response.js';
import { errorReply, stateHeaders } from '../replies.js';
import { eventJson } from './event-json.js';
import type { KeyRequest } from './key-request.js';

/**
 * The head of the answer leaves at once, with the index at which the watch began. From then on
 * events follow: the first ends a long poll, a stream ends with its client.
 */
export function watchKey(
  context: FaceContext,
  request: FaceRequest,
  { path, recursive, stream, waitIndex }: KeyRequest,
): FaceResponse {
  const { coordinator } = context;
  const leave = context.waitingRoom.enter();
  const feed = new EventFeed(context, stream);
  const watcher = coordinator.state.watch({
    path,
    recursive,
    stream,
    sinceIndex: waitIndex,
    onEvent: (event) => feed.add(event),
    onCleared: () => feed.finish(),
  });
  if (isError(watcher)) {
    leave();
    return errorReply(coordinator, watcher);
  }
  return {
    type: 'stream',
    status: 200,
    headers: stateHeaders(coordinator, watcher.startIndex),
    start: (sink) => feed.start(sink, request.signal),
    onEnd: () => {
      watcher.close();
      leave();
    },
  };
}

function isError(outcome: Watcher | CommandError): outcome is CommandError {
  return 'errorCode' in outcome;
}

/** Events come from inside an apply; they are written when it is over. */
class EventFeed {
  readonly #context: FaceContext;
  readonly #stream: boolean;
  #waiting: NodeEvent[] = [];
  #finished = false;
  #scheduled = false;
  #sink: Sink | undefined;

  constructor(context: FaceContext, stream: boolean) {
    this.#context = context;
    this.#stream = stream;
  }

  add(event: NodeEvent): void {
    this.#waiting.push(event);
    if (!this.#stream) this.#finished = true;
    this.#schedule();
  }

  /** The watcher is gone: there will be no more. */
  finish(): void {
    this.#finished = true;
    this.#schedule();
  }

  start(sink: Sink, signal: AbortSignal): void {
    this.#sink = sink;
    const onGone = () => {
      this.#waiting = [];
      sink.end();
    };
    signal.addEventListener('abort', onGone);
    if (signal.aborted) onGone();
    this.#flush();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const sink = this.#sink;
    if (sink === undefined) return;
    const events = this.#waiting;
    this.#waiting = [];
    for (const event of events) sink.write(eventJson(event, this.#context.wallClock));
    if (this.#finished) sink.end();
  }
}
