import type { Failure } from '../api/failure.js';
import type { KeyEvent, KeyNode, Listing } from '../api/key-requests.js';
import { nameOfKey, parentOf } from './key-path.js';

/** What the page knows of an open folder. */
export type Folder =
  | { readonly type: 'loading' }
  | { readonly type: 'failed'; readonly failure: Failure }
  | {
      readonly type: 'loaded';
      /** In order. */
      readonly children: readonly KeyNode[];
      /** Includes all events up to this index. */
      readonly etcdIndex: number;
    };

/** By path. A folder that is not in the map is closed, and its content unknown. */
export type KeyTree = ReadonlyMap<string, Folder>;

/** One line of the shown tree. */
export type Row =
  | {
      readonly type: 'node';
      readonly node: KeyNode;
      readonly depth: number;
      readonly isOpen: boolean;
      /** Position among its siblings, from 1. */
      readonly position: number;
      readonly siblings: number;
    }
  /** A note in place of children. */
  | { readonly type: 'note'; readonly folder: string; readonly depth: number; readonly of: Folder };

export function withListing(tree: KeyTree, path: string, listing: Listing): KeyTree {
  const { etcdIndex } = listing;
  // Members order by code points, JavaScript by code units: events need one order to be inserted
  // in.
  const children = listing.children.toSorted((one, other) => (one.key < other.key ? -1 : 1));
  return new Map(tree).set(path, { type: 'loaded', children, etcdIndex });
}

export function withFolder(tree: KeyTree, path: string, folder: Folder): KeyTree {
  return new Map(tree).set(path, folder);
}

/** Removes the folder and all folders in it. */
export function withoutFolder(tree: KeyTree, path: string): KeyTree {
  return new Map([...tree].filter(([other]) => other !== path && !isBelow(other, path)));
}

/** Whether the name of the key has the text in it. */
export function fits(key: string, filter: string): boolean {
  return nameOfKey(key).toLowerCase().includes(filter.trim().toLowerCase());
}

/** Whether a name between the root and the key begins with "_": no listing above it has the key. */
export function isHiddenIn(key: string, root: string): boolean {
  return key.slice(root === '/' ? 0 : root.length).includes('/_');
}

/** With a filter: the names that fit it, what is in them, and the folders on the way to them. */
export function rowsOf(tree: KeyTree, root: string, filter = ''): readonly Row[] {
  const rows: Row[] = [];
  const isShown = ({ key }: KeyNode): boolean => {
    if (fits(key, filter)) return true;
    const folder = tree.get(key);
    return folder?.type === 'loaded' && folder.children.some(isShown);
  };
  const add = (path: string, depth: number, isFound: boolean) => {
    const folder = tree.get(path);
    if (folder === undefined) return;
    if (folder.type !== 'loaded' || folder.children.length === 0) {
      rows.push({ type: 'note', folder: path, depth, of: folder });
      return;
    }
    const shown = isFound ? folder.children : folder.children.filter(isShown);
    for (const [at, node] of shown.entries()) {
      const isOpen = node.isFolder && tree.has(node.key);
      const siblings = shown.length;
      rows.push({ type: 'node', node, depth, isOpen, position: at + 1, siblings });
      if (isOpen) add(node.key, depth + 1, isFound || fits(node.key, filter));
    }
  };
  add(root, 0, filter.trim() === '');
  return rows;
}

/** Whether the event says that the folder itself is gone. */
export function removes({ action, node }: KeyEvent, folder: string): boolean {
  return removals.has(action) && (node.key === folder || isBelow(folder, node.key));
}

export function findNode(tree: KeyTree, key: string): KeyNode | undefined {
  const folder = tree.get(parentOf(key));
  if (folder?.type !== 'loaded') return undefined;
  const at = positionOf(folder.children, key);
  return folder.children[at]?.key === key ? folder.children[at] : undefined;
}

/**
 * Applies the events since the folders were listed, all at once, since there may be thousands. A
 * folder skips the events that it includes, so events may be repeated.
 */
export function withEvents(tree: KeyTree, events: readonly KeyEvent[]): KeyTree {
  const changed = new Changes(tree);
  for (const event of events) {
    if (removals.has(event.action)) changed.remove(event.node);
    else changed.put(event.node);
  }
  return changed.tree;
}

const removals: ReadonlySet<string> = new Set(['delete', 'expire', 'compareAndDelete']);

/** Copies a folder at its first change only. */
class Changes {
  readonly tree: Map<string, Folder>;
  readonly #copies = new Map<string, KeyNode[]>();

  constructor(tree: KeyTree) {
    this.tree = new Map(tree);
  }

  put(node: KeyNode): void {
    const children = this.#childrenOf(parentOf(node.key), node.modifiedIndex);
    if (children !== undefined) upsert(children, node);
    this.#makeFolders(parentOf(node.key), node.modifiedIndex);
  }

  remove(node: KeyNode): void {
    const parent = parentOf(node.key);
    const children = this.#childrenOf(parent, node.modifiedIndex);
    if (children === undefined && this.tree.get(parent)?.type === 'loaded') return;
    const at = children === undefined ? -1 : positionOf(children, node.key);
    if (children?.[at]?.key === node.key) children.splice(at, 1);
    for (const path of this.tree.keys()) {
      if (path !== node.key && !isBelow(path, node.key)) continue;
      this.tree.delete(path);
      this.#copies.delete(path);
    }
  }

  /** A write creates the folders above it without an event for each. */
  #makeFolders(path: string, index: number): void {
    if (path === '/') return;
    const children = this.#childrenOf(parentOf(path), index);
    if (children !== undefined && children[positionOf(children, path)]?.key !== path) {
      upsert(children, {
        key: path,
        isFolder: true,
        value: '',
        createdIndex: index,
        modifiedIndex: index,
        expiresAt: undefined,
      });
    }
    this.#makeFolders(parentOf(path), index);
  }

  /** Undefined when the folder is closed, or includes the event. */
  #childrenOf(path: string, index: number): KeyNode[] | undefined {
    const folder = this.tree.get(path);
    if (folder?.type !== 'loaded' || folder.etcdIndex >= index) return undefined;
    const children = this.#copies.get(path) ?? [...folder.children];
    this.#copies.set(path, children);
    this.tree.set(path, { ...folder, children, etcdIndex: index });
    return children;
  }
}

function upsert(children: KeyNode[], node: KeyNode): void {
  const at = positionOf(children, node.key);
  children.splice(at, children[at]?.key === node.key ? 1 : 0, node);
}

/** Index of the first child that is not before the key. */
function positionOf(children: readonly KeyNode[], key: string): number {
  let low = 0;
  let high = children.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const child = children[middle];
    if (child !== undefined && child.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder === '/' ? folder : `${folder}/`);
}
