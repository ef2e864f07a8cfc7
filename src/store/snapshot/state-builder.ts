import type { NodeEvent } from '../../command/event.js';
import { pathDepthMax } from '../../command/path.js';
import { MalformedError } from '../../encoding/format-error.js';
import type { RecordOf } from '../../encoding/record-format.js';
import type { WireReader } from '../../encoding/wire.js';
import { eventHistoryMax } from '../events/event-history.js';
import { Deadlines, newDeadline, passedMs } from '../keys/deadlines.js';
import { type Deadline, Node } from '../keys/node.js';
import { Tree } from '../keys/tree.js';
import { type Attachments, attachmentOf } from '../locks/attachments.js';
import { HolderHistory } from '../locks/holder-history.js';
import { LastReleased } from '../locks/last-released.js';
import { Queue, QueueEntry } from '../locks/queue.js';
import { insert, Queues } from '../locks/queues.js';
import type { StateMachineOptions } from '../options.js';
import { SessionTable } from '../sessions/session-table.js';
import {
  eventFormat,
  eventOf,
  holderChangeFormat,
  type RelativeTtl,
  rememberedFormat,
  resultOf,
} from './result-format.js';
import {
  type AttachmentRecord,
  endFormat,
  type Head,
  headFormat,
  holderChangesBoundFormat,
  lastReleasedBoundFormat,
  lastReleasedFormat,
  type NodeRecord,
  nodeFormat,
  type QueueEntryRecord,
  type QueueRecord,
  recordType,
  type SessionRecord,
  sessionFormat,
  type TtlRecord,
} from './snapshot-format.js';

/** All that a snapshot replaces. */
export interface RestoredState {
  readonly head: Head;
  readonly tree: Tree;
  readonly queues: Queues;
  readonly sessions: SessionTable;
  /** In order, without a gap, up to the etcd index. */
  readonly events: readonly NodeEvent[];
  /** On this member's clock. */
  readonly restoredAt: number;
}

/** The nodes of locks lie deeper than any path in a command. */
const depthMax = 2 * pathDepthMax;

/** Builds a state from the records of a snapshot. */
export class StateBuilder {
  readonly #now: number;
  readonly #deadlines = new Deadlines();
  readonly #sessions: SessionTable;
  readonly #lastReleased = { lock: new LastReleased(0), leader: new LastReleased(0) };
  readonly #history = new HolderHistory();
  readonly #events: NodeEvent[] = [];
  readonly #directories: Node[] = [];
  readonly #depths: number[] = [];
  /** Deadlines of running TTLs whose start is not known yet. */
  readonly #unknownStarts: Deadline[] = [];
  readonly #ttls: RelativeTtl[] = [];
  #head: Head | undefined;
  #tree: Tree | undefined;
  #queues: Queues | undefined;
  #nodes = 0;
  #isWhole = false;
  readonly #sweepMax: number;

  /** @param now on this member's clock, not before the snapshot was taken. TTLs count from then. */
  constructor({ sweepMax, resultUnitsMax }: StateMachineOptions, now: number) {
    this.#sweepMax = sweepMax;
    this.#sessions = new SessionTable(resultUnitsMax);
    this.#now = now;
  }

  /** Undefined until the first record was read. */
  get head(): Head | undefined {
    return this.#head;
  }

  read(reader: WireReader): void {
    if (this.#isWhole) throw new MalformedError('a record after the last one');
    const type = reader.uint32();
    if ((type === recordType.head) !== (this.#head === undefined)) {
      throw new MalformedError('the head is the first record, and the only one of its kind');
    }
    switch (type) {
      case recordType.head:
        this.#head = headFormat.read(reader);
        return;
      case recordType.session:
        this.#addSession(sessionFormat.read(reader));
        return;
      case recordType.node:
        this.#addNode(nodeFormat.read(reader));
        return;
      case recordType.result:
        this.#addResult(rememberedFormat.read(reader));
        return;
      case recordType.event:
        this.#addEvent(eventOf(eventFormat.read(reader), { ttls: this.#ttls }));
        return;
      case recordType.lastReleased:
        this.#addLastReleased(lastReleasedFormat.read(reader));
        return;
      case recordType.lastReleasedBound:
        this.#raiseBound(lastReleasedBoundFormat.read(reader));
        return;
      case recordType.holderChangesBound:
        this.#history.forget(holderChangesBoundFormat.read(reader).forgottenUpTo);
        return;
      case recordType.holderChange:
        this.#history.note(holderChangeFormat.read(reader));
        return;
      case recordType.end:
        if (endFormat.read(reader).nodes !== this.#nodes) {
          throw new MalformedError('nodes are missing');
        }
        this.#isWhole = true;
        return;
      default:
        throw new MalformedError(`no record has the type ${type}`);
    }
  }

  #addSession({
    memberId,
    boot,
    lastCommandIndex,
    settledBelow,
    registration,
  }: SessionRecord): void {
    const session = this.#sessions.open(memberId, boot);
    session.lastCommandIndex = lastCommandIndex;
    session.settledBelow = settledBelow;
    session.registration = registration;
  }

  #addResult({ memberId, sequence, result }: RecordOf<typeof rememberedFormat>): void {
    const session = this.#sessions.get(memberId);
    if (session === undefined) throw new MalformedError('a result without a session');
    session.results.add(sequence, resultOf(result, { ttls: this.#ttls }));
  }

  #addLastReleased({ space, name, index }: RecordOf<typeof lastReleasedFormat>): void {
    this.#lastReleased[space].note(name, index);
  }

  #raiseBound({ space, bound }: RecordOf<typeof lastReleasedBoundFormat>): void {
    this.#lastReleased[space].raise(bound);
  }

  #addEvent(event: NodeEvent): void {
    const before = this.#events.at(-1)?.node.modifiedIndex;
    if (before !== undefined && event.node.modifiedIndex !== before + 1) {
      throw new MalformedError('events with a gap between them');
    }
    if (this.#events.length === eventHistoryMax) throw new MalformedError('too many events');
    this.#events.push(event);
  }

  #addNode(record: NodeRecord): void {
    const node = this.#tree === undefined ? this.#makeRoot(record) : this.#makeNode(record);
    node.createdIndex = record.createdIndex;
    node.modifiedIndex = record.modifiedIndex;
    this.#nodes += 1;
    if (record.ttl !== undefined) this.#addTtl(node, record.ttl);
    if (record.queue !== undefined) this.#addQueue(node, record.queue);
    if (record.queueEntry !== undefined) this.#addEntry(node, record.queueEntry);
  }

  #makeRoot(record: NodeRecord): Node {
    if (!record.isDirectory || record.name !== '') throw new MalformedError('not a root');
    const root = new Node(undefined, '', '', new Map(), 0, 0);
    this.#tree = new Tree(root, this.#deadlines, this.#sweepMax);
    this.#queues = new Queues(this.#tree, this.#lastReleased, this.#history);
    this.#directories.push(root);
    this.#depths.push(0);
    return root;
  }

  #makeNode({ directory, name, isDirectory, value, createdIndex }: NodeRecord): Node {
    const parent = this.#directories[directory];
    const depth = (this.#depths[directory] ?? 0) + 1;
    if (parent?.children === undefined) throw new MalformedError('a node without a directory');
    if (name === '' || name.includes('/') || parent.children.has(name)) {
      throw new MalformedError(`no node can have the name "${name}" here`);
    }
    if (depth > depthMax) throw new MalformedError('directories are nested too deeply');
    const children = isDirectory ? new Map<string, Node>() : undefined;
    const node = new Node(parent, name, value, children, createdIndex, 0);
    parent.children.set(name, node);
    if (isDirectory) {
      this.#directories.push(node);
      this.#depths.push(depth);
    }
    return node;
  }

  #addTtl(node: Node, { ttlMs, leaseRevision, startedAt }: TtlRecord): void {
    const deadline = newDeadline(node);
    deadline.ttlMs = ttlMs;
    deadline.leaseRevision = leaseRevision;
    deadline.startedAt = startedAt;
    const clusterTimeMs = this.#head?.clusterTimeMs ?? 0;
    const passed = startedAt === undefined ? 0 : passedMs(startedAt, clusterTimeMs);
    deadline.expiresAt = this.#now + ttlMs - passed;
    this.#deadlines.schedule(deadline, deadline.expiresAt);
    if (leaseRevision !== 0 && startedAt === undefined) this.#unknownStarts.push(deadline);
  }

  #addQueue(node: Node, record: QueueRecord): void {
    if (node.children === undefined) throw new MalformedError('a queue that is no directory');
    const { space, name, limit, holderChangedIndex } = record;
    this.#queues?.add(new Queue(space, name, node, limit, holderChangedIndex));
  }

  #addEntry(node: Node, record: QueueEntryRecord): void {
    const queue = node.parent?.role;
    const queues = this.#queues;
    if (!(queue instanceof Queue) || node.deadline === undefined || queues === undefined) {
      throw new MalformedError('a queue entry that is in no queue');
    }
    const entry = new QueueEntry(queue, node, node.deadline, record.mode, record.enteredAt);
    entry.grantedAt = record.grantedAt;
    node.role = entry;
    insert(queue, entry);
    for (const each of record.attachments) this.#addAttachment(entry, each, queues.attachments);
  }

  #addAttachment(
    entry: QueueEntry,
    { memberId, boot, plain, connected }: AttachmentRecord,
    attachments: Attachments,
  ): void {
    const session = this.#sessions.get(memberId);
    if (session === undefined || boot > session.boot.number) {
      throw new MalformedError('somebody waits without a session');
    }
    const isPresent = boot === session.boot.number;
    const through = isPresent ? session.boot : attachments.ended.restore(session, boot);
    if (plain.length + connected.length === 0 || attachmentOf(entry, through) !== undefined) {
      throw new MalformedError('nobody waits, or one member twice');
    }
    attachments.restore(entry, through, plain, connected);
  }

  /** @throws {MalformedError} when something is missing. */
  finish(): RestoredState {
    const head = this.#head;
    const tree = this.#tree;
    const queues = this.#queues;
    if (!this.#isWhole || head === undefined || tree === undefined || queues === undefined) {
      throw new MalformedError('the snapshot is not whole');
    }
    if ((this.#events.at(-1)?.node.modifiedIndex ?? 0) !== head.etcdIndex) {
      throw new MalformedError('the newest events are missing');
    }
    this.#deadlines.restoreStarts(this.#unknownStarts);
    for (const ttl of this.#ttls) ttl.expiresAt += this.#now;
    for (const session of this.#sessions.all) session.heardAt = this.#now;
    const sessions = this.#sessions;
    return { head, tree, queues, sessions, events: this.#events, restoredAt: this.#now };
  }
}
