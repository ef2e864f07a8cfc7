import { assert } from '../assert.js';
import type { LockSpace } from '../command/command.js';
import { lockDirectory, lockRoot } from '../command/lock-path.js';
import { HolderChanges } from './holder-changes.js';
import { type Node, type Place, Queue } from './node.js';
import { compareText } from './node-view.js';
import { Refusal, type Tree } from './tree.js';

/** The queues of all locks and elections, each at its directory in the tree. */
export class Queues {
  readonly #tree: Tree;
  readonly #byName: Readonly<Record<LockSpace, Map<string, Queue>>> = {
    lock: new Map(),
    leader: new Map(),
  };
  readonly emptied: Readonly<Record<LockSpace, HolderChanges>>;

  constructor(tree: Tree, emptied: Readonly<Record<LockSpace, HolderChanges>>) {
    this.#tree = tree;
    this.emptied = emptied;
  }

  static empty(tree: Tree): Queues {
    return new Queues(tree, { lock: new HolderChanges(0), leader: new HolderChanges(0) });
  }

  get(space: LockSpace, name: string): Queue | undefined {
    return this.#byName[space].get(name);
  }

  names(space: LockSpace): readonly string[] {
    return [...this.#byName[space].keys()].sort(compareText);
  }

  holderChangedIndex(space: LockSpace, name: string): number {
    return this.get(space, name)?.holderChangedIndex ?? this.emptied[space].of(name);
  }

  /** The queue of that name, made if need be, as of `index`. */
  open(space: LockSpace, name: string, index: number): Queue {
    const known = this.get(space, name);
    if (known !== undefined) return known;
    const directory = this.#directory(`${lockDirectory(space, name)}/`, index);
    this.#tree.touch(directory);
    const queue = new Queue(space, name, directory, this.emptied[space].take(name));
    this.adopt(queue);
    return queue;
  }

  adopt(queue: Queue): void {
    queue.node.role = queue;
    this.#byName[queue.space].set(queue.name, queue);
  }

  #directory(prefix: string, index: number): Node {
    const directory = this.#tree.directoryOf(prefix, index);
    assert(!(directory instanceof Refusal), 'nothing but locks is kept where locks are');
    return directory;
  }

  /** The last place left. Directories that hold nothing any more go, silently, as they came. */
  close(queue: Queue): void {
    assert(queue.first === undefined, 'a queue with places stays');
    this.#byName[queue.space].delete(queue.name);
    this.emptied[queue.space].note(queue.name, queue.holderChangedIndex);
    this.#tree.touch(queue.node);
    queue.node.role = undefined;
    this.#prune(queue.node, lockRoot(queue.space));
  }

  #prune(from: Node, root: string): void {
    const stop = this.#tree.find(root);
    let directory: Node | undefined = from;
    while (directory !== undefined && directory !== stop) {
      if (directory.children?.size !== 0 || directory.role !== undefined) return;
      this.#tree.remove(directory);
      directory = directory.parent;
    }
  }
}

/** In the order of the indexes: at the end, unless a snapshot brings an earlier place later. */
export function insert(queue: Queue, place: Place): void {
  let before = queue.last;
  while (before !== undefined && before.index > place.index) before = before.before;
  const behind = before === undefined ? queue.first : before.behind;
  place.before = before;
  place.behind = behind;
  if (before === undefined) queue.first = place;
  else before.behind = place;
  if (behind === undefined) queue.last = place;
  else behind.before = place;
  const { value } = place.node;
  if (value === '') return;
  queue.byValue ??= new Map();
  queue.byValue.set(value, place);
}

export function unlink(queue: Queue, place: Place): void {
  if (place.before === undefined) queue.first = place.behind;
  else place.before.behind = place.behind;
  if (place.behind === undefined) queue.last = place.before;
  else place.behind.before = place.before;
  place.before = undefined;
  place.behind = undefined;
  if (place.node.value !== '') queue.byValue?.delete(place.node.value);
}
