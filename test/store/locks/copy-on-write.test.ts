import { describe, test } from 'node:test';
import { Tree } from '../../../src/store/keys/tree.js';
import { Attachments } from '../../../src/store/locks/attachments.js';
import { type Queue, QueueEntry } from '../../../src/store/locks/queue.js';
import { Queues } from '../../../src/store/locks/queues.js';
import { RememberedResults } from '../../../src/store/sessions/remembered-results.js';
import { Session } from '../../../src/store/sessions/session.js';
import { assertAllListed, assertSaved } from '../copy-on-write.js';
import { memberA } from '../log.js';

interface Scene {
  readonly tree: Tree;
  readonly queues: Queues;
  readonly attachments: Attachments;
  readonly queue: Queue;
  /** With a plain request, and one that holds its connection. */
  readonly entry: QueueEntry;
  readonly session: Session;
}

function scene(): Scene {
  const tree = Tree.empty(0);
  const queues = Queues.empty(tree);
  const { attachments } = queues;
  const session = new Session(memberA, 1, new RememberedResults(1000));
  const queue = queues.open('lock', 'job', 1, 1);
  const entry = newEntry(tree, queue, 2);
  queues.addEntry(entry);
  attachments.attach(entry, { session, sequence: 1 }, false);
  attachments.attach(entry, { session, sequence: 2 }, true);
  return { tree, queues, attachments, queue, entry, session };
}

function newEntry(tree: Tree, queue: Queue, index: number): QueueEntry {
  const node = tree.addFile(queue.node, `${index}`.padStart(20, '0'), 'x', index);
  return new QueueEntry(
    queue,
    node,
    tree.setIdleTtl(node, 1000),
    'exclusive',
    0,
    undefined,
    undefined,
  );
}

type Changes = Readonly<Record<string, (scene: Scene) => void>>;

const changesOfQueues: Changes = {
  open: ({ tree, queues }) => {
    tree.directoryOf('/_etcd/mod/lock/other/', 3);
    assertSaved(tree, () => queues.open('lock', 'other', 1, 3));
  },
  add: ({ tree, queues, queue }) => {
    tree.setRole(queue.node, undefined);
    assertSaved(tree, () => queues.add(queue));
  },
  addEntry: ({ tree, queues, queue }) => {
    const entry = newEntry(tree, queue, 3);
    assertSaved(tree, () => queues.addEntry(entry));
  },
  keep: ({ tree, queues, entry }) => assertSaved(tree, () => queues.keep(entry, 5, true)),
  grant: ({ tree, queues, entry }) => assertSaved(tree, () => queues.grant(entry, 5)),
  setHolderChangedIndex: ({ tree, queues, queue }) => {
    assertSaved(tree, () => queues.setHolderChangedIndex(queue, 5));
  },
  beginHistory: ({ tree, queues }) => assertSaved(tree, () => queues.beginHistory(9)),
  close: ({ tree, queues, queue, entry }) => {
    tree.remove(entry.node);
    queues.unlink(entry);
    assertSaved(tree, () => queues.close(queue));
  },
};

/** `unlink` only changes links, which no snapshot has: the queue is that of the nodes. */
const othersOfQueues = [
  ...['constructor', 'get', 'namesFrom', 'totals', 'holderChangedIndex', 'unlink'],
];

const changesOfAttachments: Changes = {
  attach: ({ tree, attachments, entry, session }) => {
    assertSaved(tree, () => attachments.attach(entry, { session, sequence: 3 }, false));
  },
  restore: ({ tree, queues, attachments, queue, session }) => {
    const entry = newEntry(tree, queue, 3);
    queues.addEntry(entry);
    assertSaved(tree, () => attachments.restore(entry, session.boot, [3], [4]));
  },
  detach: ({ tree, attachments, entry, session }) => {
    assertSaved(tree, () => attachments.detach(entry, session, 1));
  },
  keepUntilReleased: ({ tree, attachments, entry }) => {
    assertSaved(tree, () => attachments.keepUntilReleased(entry));
  },
  keepWhileConnected: ({ tree, attachments, entry }) => {
    assertSaved(tree, () => attachments.keepWhileConnected(entry));
  },
  dropEndedBoots: ({ tree, attachments, entry, session }) => {
    session.boot.isOver = true;
    assertSaved(tree, () => attachments.dropEndedBoots(entry));
  },
};

/** `detachAll` leaves the entry as it is, for the snapshot that saves it when it is removed. */
const othersOfAttachments = ['constructor', 'waits', 'detachAll'];

describe('a snapshot has a queue and its entries as they were before', () => {
  const all = { ...changesOfQueues, ...changesOfAttachments };
  for (const [name, change] of Object.entries(all)) test(name, () => change(scene()));
});

test('every method of the queues and attachments is known to change them, or not to', () => {
  assertAllListed(Queues.prototype, changesOfQueues, othersOfQueues);
  assertAllListed(Attachments.prototype, changesOfAttachments, othersOfAttachments);
});
