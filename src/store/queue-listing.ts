import { type PlaceState, placeState } from './lock-view.js';
import type { Node, Place, Queue } from './node.js';
import type { Tree, TreeReader } from './tree.js';

/**
 * A queue as it was when this was made, to be read place by place while others come, go and begin to
 * hold. Nothing is copied at the start: a place that is about to change or to leave is noted down before.
 */
export class QueueListing implements TreeReader {
  readonly #tree: Tree;
  readonly #lastIndex: number;
  /** The first place that is still in the queue and was not read. */
  #next: Place | undefined;
  /** How places that were not read were before they changed. */
  readonly #earlier = new Map<Place, PlaceState>();
  /** Those that left without being read, by the place that stands where they stood; undefined: the end. */
  readonly #gone = new Map<Place | undefined, Run>();

  constructor(tree: Tree, queue: Queue | undefined) {
    this.#tree = tree;
    this.#lastIndex = queue?.last?.index ?? 0;
    this.#next = queue?.first;
    if (queue !== undefined) tree.readers.add(this);
  }

  /** Undefined once all were read. */
  next(): PlaceState | undefined {
    const place = this.#next;
    const gone = this.#gone.get(place);
    if (gone !== undefined) return this.#takeFirst(place, gone);
    if (place === undefined) {
      this.close();
      return undefined;
    }
    this.#next = this.#behind(place);
    return this.#takeState(place);
  }

  /** How many places it knows as they were. */
  get remembered(): number {
    return this.#earlier.size + this.#gone.size;
  }

  /** Idempotent. The tree need not tell it anything any more. */
  close(): void {
    this.#tree.readers.delete(this);
    this.#next = undefined;
    this.#earlier.clear();
    this.#gone.clear();
  }

  touch(node: Node): void {
    const place = this.#unread(node);
    if (place !== undefined && !this.#earlier.has(place)) {
      this.#earlier.set(place, placeState(place));
    }
  }

  beforeRemoval(node: Node): void {
    const place = this.#unread(node);
    if (place === undefined) return;
    const behind = this.#behind(place);
    const itself = { state: this.#takeState(place), behind: undefined };
    const before = this.#gone.get(place);
    this.#gone.delete(place);
    const run = joined(before, { first: itself, last: itself });
    const after = this.#gone.get(behind);
    this.#gone.set(behind, after === undefined ? run : joined(run, after));
    if (place === this.#next) this.#next = behind;
  }

  /** The place that the node is, if this is of its queue and has yet to come to it. */
  #unread({ role }: Node): Place | undefined {
    if (role?.type !== 'place' || this.#next === undefined) return undefined;
    if (role.queue !== this.#next.queue) return undefined;
    return role.index >= this.#next.index && role.index <= this.#lastIndex ? role : undefined;
  }

  /** Who came later is left out. */
  #behind({ behind }: Place): Place | undefined {
    return behind !== undefined && behind.index <= this.#lastIndex ? behind : undefined;
  }

  #takeState(place: Place): PlaceState {
    const earlier = this.#earlier.get(place);
    this.#earlier.delete(place);
    return earlier ?? placeState(place);
  }

  #takeFirst(place: Place | undefined, { first, last }: Run): PlaceState {
    if (first.behind === undefined) this.#gone.delete(place);
    else this.#gone.set(place, { first: first.behind, last });
    return first.state;
  }
}

interface Gone {
  readonly state: PlaceState;
  behind: Gone | undefined;
}

/** Neighbours that left, in the order of the queue. Two runs become one at the same cost, however long. */
interface Run {
  readonly first: Gone;
  readonly last: Gone;
}

function joined(before: Run | undefined, after: Run): Run {
  if (before === undefined) return after;
  before.last.behind = after.first;
  return { first: before.first, last: after.last };
}
