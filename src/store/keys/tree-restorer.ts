import { pathDepthMax } from '../../command/path.js';
import { MalformedError } from '../../encoding/format-error.js';
import { Node } from './node.js';
import type { NodeFields } from './node-format.js';
import type { Tree } from './tree.js';

/** The nodes of locks lie deeper than any path in a command. */
const depthMax = 2 * pathDepthMax;

/** Puts the nodes of a snapshot into a tree, which is empty. */
export class TreeRestorer {
  readonly #tree: Tree;
  readonly #now: number;
  readonly #directories: Node[] = [];
  readonly #depths: number[] = [];
  #nodes = 0;

  /** @param now on this member's clock. TTLs count from then. */
  constructor(tree: Tree, now: number) {
    this.#tree = tree;
    this.#now = now;
  }

  /** The number of nodes that were added. */
  get nodes(): number {
    return this.#nodes;
  }

  /** The root comes first, and each directory before what it holds. */
  add(record: NodeFields, clusterTimeMs: number): Node {
    const node = this.#nodes === 0 ? this.#root(record) : this.#newNode(record);
    this.#nodes += 1;
    if (record.ttl !== undefined) {
      this.#tree.restoreTtl(node, record.ttl, this.#now, clusterTimeMs);
    }
    return node;
  }

  #root({ name, isDirectory, createdIndex, modifiedIndex }: NodeFields): Node {
    if (!isDirectory || name !== '' || createdIndex !== 0 || modifiedIndex !== 0) {
      throw new MalformedError('not a root');
    }
    this.#addDirectory(this.#tree.root, 0);
    return this.#tree.root;
  }

  #newNode(record: NodeFields): Node {
    const { directory, name, isDirectory, value, createdIndex, modifiedIndex } = record;
    const parent = this.#directories[directory];
    const depth = (this.#depths[directory] ?? 0) + 1;
    if (parent?.children === undefined) throw new MalformedError('a node without a directory');
    if (name === '' || name.includes('/') || parent.children.has(name)) {
      throw new MalformedError(`no node can have the name "${name}" here`);
    }
    if (depth > depthMax) throw new MalformedError('directories are nested too deeply');
    const node = new Node(parent, name, value, isDirectory, createdIndex, modifiedIndex, 0);
    if (isDirectory) this.#addDirectory(node, depth);
    return this.#tree.add(node);
  }

  #addDirectory(node: Node, depth: number): void {
    this.#directories.push(node);
    this.#depths.push(depth);
  }

  finish(): void {
    if (this.#nodes === 0) throw new MalformedError('there is no root');
    this.#tree.endRestore();
  }
}
