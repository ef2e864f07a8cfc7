import { assertNever } from '../assert.js';
import type { Action, NodeEvent, NodeView, TtlView } from '../command/event.js';
import type { HolderChange } from '../command/holder-change.js';
import type { Result } from '../command/result.js';
import { MalformedError } from '../encoding/format-error.js';
import {
  readFlag,
  readText,
  readUint,
  type WireReader,
  type WireSink,
  writeFlag,
  writeText,
  writeUint,
} from '../encoding/wire.js';

/** Their positions are in snapshots on disk: only ever append. */
const actions: readonly Action[] = [
  'get',
  'create',
  'set',
  'update',
  'delete',
  'compareAndSwap',
  'compareAndDelete',
  'expire',
];
const holderActions: readonly HolderChange['action'][] = ['granted', 'released', 'expired'];
const resultTypes: readonly Result['type'][] = ['event', 'place', 'done', 'error'];

const viewHas = { value: 1, dir: 2, ttl: 4 } as const;

/** A TTL that was read: when it ends is known once it is known when the snapshot takes effect. */
export interface UnplacedTtl extends TtlView {
  expiresAt: number;
}

/** What the reading of views leaves to be done. */
export interface ViewReading {
  readonly ttls: UnplacedTtl[];
}

export function writeResult(writer: WireSink, result: Result): void {
  writer.uint32(resultTypes.indexOf(result.type));
  switch (result.type) {
    case 'event':
      writeEvent(writer, result.event);
      writeUint(writer, result.etcdIndex);
      return;
    case 'place':
      writeUint(writer, result.place.index);
      writeFlag(writer, result.place.holds);
      writeUint(writer, result.etcdIndex);
      return;
    case 'done':
      writeUint(writer, result.etcdIndex);
      return;
    case 'error':
      writeUint(writer, result.error.errorCode);
      writeText(writer, result.error.cause);
      writeUint(writer, result.error.index);
      return;
    default:
      assertNever(result);
  }
}

export function readResult(reader: WireReader, reading: ViewReading): Result {
  const type = oneOf(resultTypes, reader.uint32());
  switch (type) {
    case 'event': {
      const event = readEvent(reader, reading);
      return { type, event, etcdIndex: readUint(reader) };
    }
    case 'place': {
      const index = readUint(reader);
      const holds = readFlag(reader);
      return { type, place: { index, holds }, etcdIndex: readUint(reader) };
    }
    case 'done':
      return { type, etcdIndex: readUint(reader) };
    case 'error': {
      const errorCode = readUint(reader);
      const cause = readText(reader);
      return { type, error: { errorCode, cause, index: readUint(reader) } };
    }
    default:
      return assertNever(type);
  }
}

export function writeEvent(writer: WireSink, event: NodeEvent): void {
  writer.uint32(actions.indexOf(event.action));
  writeFlag(writer, event.refresh === true);
  writeView(writer, event.node);
  writeFlag(writer, event.prevNode !== undefined);
  if (event.prevNode !== undefined) writeView(writer, event.prevNode);
}

export function readEvent(reader: WireReader, reading: ViewReading): NodeEvent {
  const action = oneOf(actions, reader.uint32());
  const refresh = readFlag(reader);
  const node = readView(reader, reading);
  const prevNode = readFlag(reader) ? readView(reader, reading) : undefined;
  return {
    action,
    node,
    ...(prevNode !== undefined && { prevNode }),
    ...(refresh && { refresh }),
  };
}

export function writeHolderChange(writer: WireSink, change: HolderChange): void {
  writeFlag(writer, change.space === 'leader');
  writeText(writer, change.name);
  writeUint(writer, change.at);
  writeUint(writer, change.clusterTimeMs);
  writer.uint32(holderActions.indexOf(change.action));
  writeUint(writer, change.index);
  writeText(writer, change.value);
}

export function readHolderChange(reader: WireReader): HolderChange {
  const space = readFlag(reader) ? 'leader' : 'lock';
  const name = readText(reader);
  const at = readUint(reader);
  const clusterTimeMs = readUint(reader);
  const action = oneOf(holderActions, reader.uint32());
  const index = readUint(reader);
  return { space, name, at, clusterTimeMs, action, index, value: readText(reader) };
}

/** Events show one node, never what is below it. */
function writeView(writer: WireSink, view: NodeView): void {
  const { value, dir, ttl } = view;
  writer.uint32(
    (value === undefined ? 0 : viewHas.value) |
      (dir === undefined ? 0 : viewHas.dir) |
      (ttl === undefined ? 0 : viewHas.ttl),
  );
  writeText(writer, view.key);
  if (value !== undefined) writeText(writer, value);
  if (ttl !== undefined) writeUint(writer, ttl.ttlMs);
  writeUint(writer, view.modifiedIndex);
  writeUint(writer, view.createdIndex);
}

function readView(reader: WireReader, reading: ViewReading): NodeView {
  const flags = reader.uint32();
  if (flags > 7) throw new MalformedError(`no view has ${flags}`);
  const key = readText(reader);
  const value = (flags & viewHas.value) === 0 ? undefined : readText(reader);
  const ttl = (flags & viewHas.ttl) === 0 ? undefined : readTtl(reader, reading);
  const modifiedIndex = readUint(reader);
  const createdIndex = readUint(reader);
  return {
    key,
    ...(value !== undefined && { value }),
    ...((flags & viewHas.dir) !== 0 && { dir: true as const }),
    ...(ttl !== undefined && { ttl }),
    modifiedIndex,
    createdIndex,
  };
}

function readTtl(reader: WireReader, { ttls }: ViewReading): TtlView {
  const ttlMs = readUint(reader);
  const ttl = { ttlMs, expiresAt: ttlMs };
  ttls.push(ttl);
  return ttl;
}

function oneOf<T>(values: readonly T[], position: number): T {
  const value = values[position];
  if (value === undefined) throw new MalformedError(`nothing has the number ${position}`);
  return value;
}
