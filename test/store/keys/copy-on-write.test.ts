import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Node } from '../../../src/store/keys/node.js';
import { Tree } from '../../../src/store/keys/tree.js';
import { Queue } from '../../../src/store/locks/queue.js';
import { assertAllListed, assertSaved } from '../copy-on-write.js';

interface Scene {
  readonly tree: Tree;
  readonly plain: Node;
  readonly mortal: Node;
}

/** Two files that have been in the tree for a while, one with a TTL. */
function scene(): Scene {
  const tree = Tree.empty(0);
  const directory = tree.directoryOf('/d/', 1);
  assert.ok(directory.ok);
  const plain = tree.addFile(directory.value, 'plain', 'x', 1);
  const mortal = tree.addFile(directory.value, 'mortal', 'x', 2);
  tree.setTtl(mortal, 1000, 2, 0);
  return { tree, plain, mortal };
}

const changes: Readonly<Record<string, (scene: Scene) => void>> = {
  remove: ({ tree, plain }) => tree.remove(plain),
  replaceFile: ({ tree, plain }) => tree.replaceFile(plain, 'x', 3),
  writeFile: ({ tree, plain }) => tree.writeFile(plain, 'y', 3),
  setRole: ({ tree, plain }) => {
    const queue = new Queue('lock', 'job', plain, 1, 0);
    tree.setRole(plain, queue);
  },
  setTtl: ({ tree, plain }) => tree.setTtl(plain, 1000, 3, 0),
  setIdleTtl: ({ tree, plain }) => tree.setIdleTtl(plain, 1000),
  recordStarts: ({ tree }) => tree.recordStarts(2, 50, 0),
  forgetStarts: ({ tree, plain }) => {
    tree.restoreTtl(plain, { ttlMs: 1000, leaseRevision: 1, startedAt: 7 }, 0, 0);
    assertSaved(tree, () => tree.forgetStarts());
    tree.setTtl(plain, 500, 4, 0);
  },
  restoreTtl: ({ tree, plain }) => {
    tree.restoreTtl(plain, { ttlMs: 1000, leaseRevision: 1 }, 0, 0);
  },
};

const others = [
  ...['constructor', 'deadlines', 'find', 'directoryOf', 'addFile', 'addDirectory', 'add'],
  ...['touch', 'save', 'tidy', 'beginSnapshot', 'endSnapshot', 'endRestore', 'beginAt'],
];

describe('a snapshot has a node as it was before', () => {
  for (const [name, change] of Object.entries(changes)) {
    test(name, () => {
      const each = scene();
      assertSaved(each.tree, () => change(each));
    });
  }

  test('a TTL starts again', () => {
    const { tree, mortal } = scene();
    assertSaved(tree, () => tree.setTtl(mortal, 2000, 3, 0));
  });

  test('a TTL ends for good', () => {
    const { tree, mortal } = scene();
    assertSaved(tree, () => tree.setTtl(mortal, undefined, 3, 0));
  });
});

test('every method of the tree is known to change nodes, or not to', () => {
  assertAllListed(Tree.prototype, changes, others);
});

test('a removed node is not changed any more', () => {
  const { tree, plain } = scene();
  tree.remove(plain);
  assert.throws(() => tree.writeFile(plain, 'y', 3), /was removed/);
});
