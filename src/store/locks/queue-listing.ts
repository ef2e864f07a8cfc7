import type { QueueListingView } from '../../view/queue.js';
import type { QueueEntryView } from '../../view/queue-entry.js';
import type { Node } from '../keys/node.js';
import type { Tree, TreeReader } from '../keys/tree.js';
import { entryState } from './lock-view.js';
import { type Queue, QueueEntry } from './queue.js';

/**
 * A queue as it was when the listing was made, to be read entry by entry while it changes (copy on
 * write). Nothing is copied at the start. An entry is saved before it changes or is removed.
 */
export class QueueListing implements QueueListingView, TreeReader {
  readonly #tree: Tree;
  readonly #lastIndex: number;
  /** The first entry that is in the queue and was not read. */
  #next: QueueEntry | undefined;
  /** Saved entries that have changed since, and were not read. */
  readonly #earlier = new Map<QueueEntry, QueueEntryView>();
  /** Removed entries that were not read, by the entry that followed them; undefined for the end. */
  readonly #gone = new Map<QueueEntry | undefined, Run>();

  constructor(tree: Tree, queue: Queue | undefined) {
    this.#tree = tree;
    this.#lastIndex = queue?.last?.index ?? 0;
    this.#next = queue?.first;
    if (queue !== undefined) tree.readers.add(this);
  }

  /** Returns undefined once all entries were read. */
  next(): QueueEntryView | undefined {
    const entry = this.#next;
    const gone = this.#gone.get(entry);
    if (gone !== undefined) return this.#takeFirst(entry, gone);
    if (entry === undefined) {
      this.close();
      return undefined;
    }
    this.#next = this.#behind(entry);
    return this.#takeState(entry);
  }

  /** Idempotent. The tree does not notify the listing any more. */
  close(): void {
    this.#tree.readers.delete(this);
    this.#next = undefined;
    this.#earlier.clear();
    this.#gone.clear();
  }

  touch(node: Node): void {
    const entry = this.#unread(node);
    if (entry !== undefined && !this.#earlier.has(entry)) {
      this.#earlier.set(entry, entryState(entry));
    }
  }

  beforeRemoval(node: Node): void {
    const entry = this.#unread(node);
    if (entry === undefined) return;
    const behind = this.#behind(entry);
    const itself = { state: this.#takeState(entry), behind: undefined };
    const before = this.#gone.get(entry);
    this.#gone.delete(entry);
    const run = joined(before, { first: itself, last: itself });
    const after = this.#gone.get(behind);
    this.#gone.set(behind, after === undefined ? run : joined(run, after));
    if (entry === this.#next) this.#next = behind;
  }

  /** The queue entry of the node, if it is in this queue and has not been read. */
  #unread({ role }: Node): QueueEntry | undefined {
    if (!(role instanceof QueueEntry) || this.#next === undefined) return undefined;
    if (role.queue !== this.#next.queue) return undefined;
    return role.index >= this.#next.index && role.index <= this.#lastIndex ? role : undefined;
  }

  /** Entries that were added later are left out. */
  #behind({ behind }: QueueEntry): QueueEntry | undefined {
    return behind !== undefined && behind.index <= this.#lastIndex ? behind : undefined;
  }

  #takeState(entry: QueueEntry): QueueEntryView {
    const earlier = this.#earlier.get(entry);
    this.#earlier.delete(entry);
    return earlier ?? entryState(entry);
  }

  #takeFirst(entry: QueueEntry | undefined, { first, last }: Run): QueueEntryView {
    if (first.behind === undefined) this.#gone.delete(entry);
    else this.#gone.set(entry, { first: first.behind, last });
    return first.state;
  }
}

interface Gone {
  readonly state: QueueEntryView;
  behind: Gone | undefined;
}

/**
 * Removed neighbours, in the order of the queue. Joining two runs costs the same, however long they
 * are.
 */
interface Run {
  readonly first: Gone;
  readonly last: Gone;
}

function joined(before: Run | undefined, after: Run): Run {
  if (before === undefined) return after;
  before.last.behind = after.first;
  return { first: before.first, last: after.last };
}
