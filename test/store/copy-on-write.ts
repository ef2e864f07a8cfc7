import assert from 'node:assert/strict';
import { encodedBytes } from '../../src/encoding/byte-writer.js';
import type { Node } from '../../src/store/keys/node.js';
import type { Tree, TreeSnapshot } from '../../src/store/keys/tree.js';
import { nodeKind, nodeRecord } from '../../src/store/snapshot/snapshot-format.js';

/** Notes down what a snapshot would have of each node. */
class NotedSnapshot implements TreeSnapshot {
  readonly number: number;
  readonly saved = new Map<Node, string>();

  constructor(number: number) {
    this.number = number;
  }

  write(node: Node): void {
    this.saved.set(node, recordOf(node));
  }

  walkFrom(): void {}
}

function recordOf(node: Node): string {
  return encodedBytes((writer) => nodeKind.write(writer, nodeRecord(node, 0))).toString('hex');
}

/** The call changes a node at least, and a snapshot that was begun before has each as it was. */
export function assertSaved(tree: Tree, change: () => void): void {
  const snapshot = tree.beginSnapshot((number) => new NotedSnapshot(number));
  const before = new Map(below(tree.root).map((node) => [node, recordOf(node)]));
  change();
  const changed = [...before].filter(([node, was]) => node.isRemoved || recordOf(node) !== was);
  assert.notEqual(changed.length, 0, 'it changes nothing');
  for (const [node, was] of changed) assert.equal(snapshot.saved.get(node), was);
}

function below(directory: Node): readonly Node[] {
  const children = [...(directory.children?.values() ?? [])];
  return children.flatMap((child) => [child, ...below(child)]);
}

/** So that nobody adds a change without a test of it. */
export function assertAllListed(
  prototype: object,
  changes: object,
  others: readonly string[],
): void {
  const listed = [...Object.keys(changes), ...others].sort();
  assert.deepEqual(listed, Object.getOwnPropertyNames(prototype).sort());
}
