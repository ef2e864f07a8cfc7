import { assertNever } from '../../assert.js';
import type { ServiceContext } from '../../service/service-context.js';
import type { WallClock } from '../../service/wall-clock.js';
import type { GetOptions, ListingStep, ListingView } from '../../view/listing.js';
import { stateHeaders } from '../replies.js';
import type { ApiResponse } from '../server/api-response.js';
import { streamedReply } from '../server/streamed-reply.js';
import { nodeHead, nodeTail } from './event-json.js';

/**
 * A directory that is too large to be shown at once. It is streamed, as it was when the answer's
 * head was made.
 */
export function listingReply(
  context: ServiceContext,
  method: string,
  path: string,
  options: GetOptions,
): ApiResponse {
  const { coordinator, wallClock } = context;
  const { state } = coordinator;
  const listing = state.keys.list(path, options);
  const headers = stateHeaders(coordinator, state.etcdIndex);
  const pieces = new ListingText(listing, wallClock).pieces();
  return streamedReply(context, method, headers, { pieces, close: () => listing.close() });
}

class ListingText {
  readonly #listing: ListingView;
  readonly #wallClock: WallClock;
  readonly #at: number;
  /** For each open directory, outermost first: whether a child of it was shown. */
  readonly #hasChild: boolean[] = [];

  constructor(listing: ListingView, wallClock: WallClock) {
    this.#listing = listing;
    this.#wallClock = wallClock;
    this.#at = wallClock.now();
  }

  *pieces(): Generator<string, undefined> {
    yield '{"action":"get","node":';
    for (;;) {
      const { done, step } = this.#listing.next();
      if (done) break;
      yield step === undefined ? '' : this.#stepText(step);
    }
    yield '}\n';
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

  /** The JSON between a node and what precedes it in its directory. */
  #separator(): string {
    const depth = this.#hasChild.length;
    if (depth === 0) return '';
    const isFirst = this.#hasChild[depth - 1] === false;
    this.#hasChild[depth - 1] = true;
    return isFirst ? ',"nodes":[' : ',';
  }
}
