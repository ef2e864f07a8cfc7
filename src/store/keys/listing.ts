import type { NodeView } from '../../command/event.js';
import { joinPath } from '../../command/path.js';
import type { GetOptions, ListingStep, ListingView } from '../../view/listing.js';
import { compareText } from '../part/text-order.js';
import type { Node } from './node.js';
import { viewOf } from './node-view.js';
import { stepwiseSort } from './stepwise-sort.js';
import type { Tree, TreeReader } from './tree.js';

/**
 * The content of a directory as it was when the listing was made, to be read step by step while the
 * tree changes (copy on write). Nothing is copied at the start. A node is saved before it changes,
 * and nodes that were created later are left out.
 */
export class Listing implements ListingView, TreeReader {
  readonly #tree: Tree;
  readonly #index: number;
  readonly #options: GetOptions;
  readonly #steps: Iterator<ListingStep | undefined>;
  /** Saved nodes that have changed since. */
  readonly #earlier = new Map<Node, NodeView>();
  /** Children that were removed from directories which the listing has not reached yet. */
  readonly #removed = new Map<Node, Node[]>();
  readonly #open = new Map<Node, OpenDirectory>();

  constructor(tree: Tree, root: Node, path: string, index: number, options: GetOptions) {
    this.#tree = tree;
    this.#index = index;
    this.#options = options;
    this.#steps = this.#show(root, path);
    tree.readers.add(this);
  }

  /** The step is undefined when it was spent on sorting, or on a node that is not shown. */
  next(): { readonly done: boolean; readonly step: ListingStep | undefined } {
    const { done, value } = this.#steps.next();
    if (done === true) this.close();
    return { done: done === true, step: value };
  }

  /** Idempotent. The tree does not notify the listing any more. */
  close(): void {
    this.#tree.readers.delete(this);
  }

  touch(node: Node): void {
    if (node.createdIndex > this.#index || this.#earlier.has(node)) return;
    this.#earlier.set(node, viewOf(node, ''));
  }

  beforeRemoval(node: Node): void {
    const { parent } = node;
    if (parent === undefined) return;
    const open = this.#open.get(parent);
    if (open !== undefined) {
      open.freeze();
      return;
    }
    const removed = this.#removed.get(parent);
    if (removed === undefined) this.#removed.set(parent, [node]);
    else removed.push(node);
  }

  *#show(node: Node, path: string): Generator<ListingStep | undefined, undefined> {
    const view = this.#viewOf(node, path);
    yield { type: 'open', view };
    const children = this.#options.sorted ? yield* this.#sorted(node) : this.#childrenOf(node);
    for (const child of children) {
      if (child === undefined) {
        yield undefined;
        continue;
      }
      const childPath = joinPath(path, child.name);
      const isEntered = this.#options.recursive && child.children !== undefined;
      if (isEntered) yield* this.#show(child, childPath);
      else yield { type: 'node', view: this.#viewOf(child, childPath) };
    }
    yield { type: 'close', view };
  }

  *#sorted(node: Node): Generator<undefined, readonly Node[]> {
    const children: Node[] = [];
    for (const child of this.#childrenOf(node)) {
      if (child !== undefined) children.push(child);
      yield undefined;
    }
    return yield* stepwiseSort(children, (a, b) => compareText(a.name, b.name));
  }

  /** Yields undefined for each child that is not shown. */
  *#childrenOf(node: Node): Generator<Node | undefined, void> {
    const removed = this.#removed.get(node) ?? [];
    this.#removed.delete(node);
    const open = new OpenDirectory(node);
    this.#open.set(node, open);
    for (let child = open.next(); child !== undefined; child = open.next()) {
      yield this.#isShown(child) ? child : undefined;
    }
    this.#open.delete(node);
    for (const child of removed) yield this.#isShown(child) ? child : undefined;
  }

  #isShown(node: Node): boolean {
    if (!this.#options.hidden && node.name.startsWith('_')) return false;
    return (this.#earlier.get(node) ?? node).createdIndex <= this.#index;
  }

  #viewOf(node: Node, path: string): NodeView {
    const earlier = this.#earlier.get(node);
    return earlier === undefined ? viewOf(node, path) : { ...earlier, key: path };
  }
}

/** The children that the listing has not visited yet. */
class OpenDirectory {
  #rest: Iterator<Node>;
  #isFrozen = false;

  constructor(node: Node) {
    this.#rest = node.children?.values() ?? [].values();
  }

  next(): Node | undefined {
    const { done, value } = this.#rest.next();
    return done === true ? undefined : value;
  }

  /**
   * Copies the children that are left. It is not known whether the removed child is one of them.
   */
  freeze(): void {
    if (this.#isFrozen) return;
    this.#isFrozen = true;
    const rest: Node[] = [];
    for (let child = this.next(); child !== undefined; child = this.next()) rest.push(child);
    this.#rest = rest.values();
  }
}
