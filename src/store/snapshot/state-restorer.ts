import { assert } from '../../assert.js';
import { MalformedError } from '../../encoding/format-error.js';
import type { WireReader } from '../../encoding/wire.js';
import type { TreeRestorer } from '../keys/tree-restorer.js';
import type { RoleRestorer } from '../locks/role-restorer.js';
import type { RecordReader } from '../part/snapshot-record.js';
import type { StateParts } from '../state-parts.js';
import { endKind, type Head, headKind, nodeKind } from './snapshot-format.js';

/** All that a snapshot replaces. */
export interface RestoredState {
  readonly head: Head;
  readonly parts: StateParts;
}

/** Puts the records of a snapshot into new parts. Each part has readers for its own records. */
export class StateRestorer {
  readonly #parts: StateParts;
  readonly #now: number;
  readonly #tree: TreeRestorer;
  readonly #roles: RoleRestorer;
  readonly #readers = new Map<number, RecordReader['read']>();
  #head: Head | undefined;
  #isWhole = false;

  /**
   * @param parts are empty.
   * @param now on this member's clock, not before the snapshot was taken. TTLs count from then.
   */
  constructor(parts: StateParts, now: number) {
    this.#parts = parts;
    this.#now = now;
    this.#tree = parts.keys.restorer(now);
    this.#roles = parts.locks.restorer();
    this.#add(parts.readers(now));
    this.#add([
      headKind.reader((head) => this.#begin(head)),
      nodeKind.reader((record) => {
        const node = this.#tree.add(record, parts.time.clock.ms);
        this.#roles.restore(node, record);
      }),
      endKind.reader(({ nodes }) => this.#end(nodes)),
    ]);
  }

  #add(readers: readonly RecordReader[]): void {
    for (const { type, read } of readers) {
      assert(!this.#readers.has(type), `one reader takes the records of type ${type}`);
      this.#readers.set(type, read);
    }
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

  #begin(head: Head): void {
    this.#head = head;
    this.#parts.time.clock.restore(head.clusterTimeMs, this.#now);
    this.#parts.cluster.restore(head.clusterVersion);
    this.#parts.beginAt(head.restoredIndex);
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
    this.#parts.events.endRestore(head.etcdIndex);
    return { head, parts: this.#parts };
  }
}
