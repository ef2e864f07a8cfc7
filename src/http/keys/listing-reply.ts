import { assertNever } from '../../assert.js';
import type { GetOptions, Listing, ListingStep } from '../../member/state-view.js';
import type { FaceContext } from '../context.js';
import type { FaceResponse, Sink } from '../face-response.js';
import { stateHeaders } from '../replies.js';
import type { WallClock } from '../wall-clock.js';
import { nodeHead, nodeTail } from './event-json.js';

/** Steps between two looks at what they came to. */
const stepsMax = 64;
const textUnitsMax = 64 * 1024;

/**
 * A directory that is too large to be shown at once: the answer is made in slices while it is sent,
 * and shows the directory as it was when its head was.
 */
export function listingReply(
  context: FaceContext,
  method: string,
  path: string,
  options: GetOptions,
): FaceResponse {
  const { coordinator, listingRoom } = context;
  const leave = listingRoom.enter();
  const { state } = coordinator;
  const listing = state.list(path, options);
  return {
    type: 'stream',
    status: 200,
    headers: stateHeaders(coordinator, state.etcdIndex),
    start: (sink) => {
      if (method === 'HEAD') sink.end();
      else new ListingText(listing, context).writeTo(sink);
    },
    onEnd: () => {
      listing.close();
      leave();
    },
  };
}

class ListingText {
  readonly #listing: Listing;
  readonly #wallClock: WallClock;
  readonly #at: number;
  readonly #context: FaceContext;
  /** Of each directory that is open, whether a child was shown in it. */
  readonly #hasChild: boolean[] = [];

  constructor(listing: Listing, context: FaceContext) {
    this.#listing = listing;
    this.#wallClock = context.wallClock;
    this.#at = context.wallClock.now();
    this.#context = context;
  }

  writeTo(sink: Sink): void {
    sink.write('{"action":"get","node":');
    this.#goOn(sink);
  }

  #goOn(sink: Sink): void {
    sink.onRoom(() => this.#context.slices.add(() => this.#slice(sink)));
  }

  #slice(sink: Sink): void {
    let text = '';
    for (let taken = 0; taken < stepsMax && text.length < textUnitsMax; taken += 1) {
      const { done, step } = this.#listing.next();
      if (done) {
        sink.write(`${text}}\n`);
        sink.end();
        return;
      }
      if (step !== undefined) text += this.#stepText(step);
    }
    sink.write(text);
    this.#goOn(sink);
  }

  #stepText({ type, view }: ListingStep): string {
    switch (type) {
      case 'node':
        return this.#separator() + nodeHead(view, this.#at, this.#wallClock) + nodeTail(view);
      case 'open': {
        const head = this.#separator() + nodeHead(view, this.#at, this.#wallClock);
        this.#hasChild.push(false);
        return head;
      }
      case 'close':
        return (this.#hasChild.pop() === true ? ']' : '') + nodeTail(view);
      default:
        return assertNever(type);
    }
  }

  /** What comes before a node in its directory. */
  #separator(): string {
    const depth = this.#hasChild.length;
    if (depth === 0) return '';
    const isFirst = this.#hasChild[depth - 1] === false;
    this.#hasChild[depth - 1] = true;
    return isFirst ? ',"nodes":[' : ',';
  }
}
