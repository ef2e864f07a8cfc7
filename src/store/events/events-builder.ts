import type { NodeEvent } from '../../command/event.js';
import { MalformedError } from '../../encoding/format-error.js';
import type { PartBuilder } from '../part/part.js';
import type { RecordReader } from '../part/snapshot-record.js';
import { eventKind, eventOf } from './event-format.js';
import { eventHistoryMax } from './event-history.js';

/** Builds the event history of a snapshot. */
export class EventsBuilder implements PartBuilder {
  readonly readers: readonly RecordReader[];
  readonly #events: NodeEvent[] = [];

  constructor(now: number) {
    this.readers = [eventKind.reader((record) => this.#add(eventOf(record, now)))];
  }

  #add(event: NodeEvent): void {
    const before = this.#events.at(-1)?.node.modifiedIndex;
    if (before !== undefined && event.node.modifiedIndex !== before + 1) {
      throw new MalformedError('events with a gap between them');
    }
    if (this.#events.length === eventHistoryMax) throw new MalformedError('too many events');
    this.#events.push(event);
  }

  /** In order, without a gap, up to the etcd index. */
  finish(etcdIndex: number): readonly NodeEvent[] {
    if ((this.#events.at(-1)?.node.modifiedIndex ?? 0) !== etcdIndex) {
      throw new MalformedError('the newest events are missing');
    }
    return this.#events;
  }
}
