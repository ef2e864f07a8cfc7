import type { NodeEvent } from '../../command/event.js';
import { MalformedError } from '../../encoding/format-error.js';
import type { WireReader } from '../../encoding/wire.js';
import { EventsBuilder } from '../events/events-builder.js';
import type { Tree } from '../keys/tree.js';
import { TreeBuilder } from '../keys/tree-builder.js';
import { LocksBuilder } from '../locks/locks-builder.js';
import type { Queues } from '../locks/queues.js';
import type { StateMachineOptions } from '../options.js';
import type { RecordReader } from '../part/snapshot-record.js';
import type { SessionTable } from '../sessions/session-table.js';
import { SessionsBuilder } from '../sessions/sessions-builder.js';
import { endKind, type Head, headKind, nodeKind } from './snapshot-format.js';

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

/** Builds a state from the records of a snapshot. Each part has a builder for its own records. */
export class StateBuilder {
  readonly #now: number;
  readonly #sessions: SessionsBuilder;
  readonly #tree: TreeBuilder;
  readonly #locks: LocksBuilder;
  readonly #events: EventsBuilder;
  readonly #readers = new Map<number, RecordReader['read']>();
  #head: Head | undefined;
  #isWhole = false;

  /** @param now on this member's clock, not before the snapshot was taken. TTLs count from then. */
  constructor({ sweepMax, resultUnitsMax }: StateMachineOptions, now: number) {
    this.#now = now;
    this.#sessions = new SessionsBuilder(resultUnitsMax, now);
    this.#tree = new TreeBuilder(sweepMax, now);
    this.#locks = new LocksBuilder(this.#tree.tree, this.#sessions.table);
    this.#events = new EventsBuilder(now);
    for (const { readers } of [this.#sessions, this.#locks, this.#events]) this.#add(readers);
    this.#add([
      headKind.reader((head) => {
        this.#head = head;
      }),
      nodeKind.reader((record) => {
        this.#locks.addRole(this.#tree.add(record, this.#head?.clusterTimeMs ?? 0), record);
      }),
      endKind.reader(({ nodes }) => this.#end(nodes)),
    ]);
  }

  #add(readers: readonly RecordReader[]): void {
    for (const { type, read } of readers) this.#readers.set(type, read);
  }

  /** Undefined until the first record was read. */
  get head(): Head | undefined {
    return this.#head;
  }

  read(reader: WireReader): void {
    if (this.#isWhole) throw new MalformedError('a record after the last one');
    const type = reader.uint32();
    if ((type === headKind.type) !== (this.#head === undefined)) {
      throw new MalformedError('the head is the first record, and the only one of its kind');
    }
    const read = this.#readers.get(type);
    if (read === undefined) throw new MalformedError(`no record has the type ${type}`);
    read(reader);
  }

  #end(nodes: number): void {
    if (nodes !== this.#tree.nodes) throw new MalformedError('nodes are missing');
    this.#isWhole = true;
  }

  /** @throws {MalformedError} when something is missing. */
  finish(): RestoredState {
    const head = this.#head;
    if (!this.#isWhole || head === undefined) throw new MalformedError('the snapshot is not whole');
    this.#tree.finish();
    const { queues } = this.#locks;
    const events = this.#events.finish(head.etcdIndex);
    const sessions = this.#sessions.table;
    return { head, tree: this.#tree.tree, queues, sessions, events, restoredAt: this.#now };
  }
}
