import { type RegisterCommand, registerFormat } from '../command/command.js';
import type { HoldMode } from '../command/hold-rules.js';
import { holdMode, memberId as memberIdKind } from '../command/kinds.js';
import type { LockSpace } from '../command/lock-path.js';
import { MalformedError } from '../encoding/format-error.js';
import {
  readFlag,
  readList,
  readOptionalUint,
  readText,
  readUint,
  type WireReader,
  type WireSink,
  writeFlag,
  writeList,
  writeOptionalUint,
  writeText,
  writeUint,
} from '../encoding/wire.js';
import type { MemberId } from '../ids.js';
import type { Deadline, Node } from './node.js';

/** The first byte of a snapshot. */
export const snapshotVersion = 1;

/** A longer record is refused before it is waited for. */
export const recordBytesMax = 64 * 1024 * 1024;

/** What a record is. Head and sessions come first, then the nodes, then the rest, then the end. */
export const recordType = {
  head: 1,
  session: 2,
  node: 3,
  result: 4,
  event: 5,
  emptied: 6,
  emptiedBound: 7,
  end: 8,
  holderChange: 9,
  holderChangesBound: 10,
} as const;

export interface Head {
  readonly appliedIndex: number;
  readonly appliedTerm: number;
  readonly etcdIndex: number;
  readonly clusterTimeMs: number;
}

export function writeHead(writer: WireSink, head: Head): void {
  writeUint(writer, head.appliedIndex);
  writeUint(writer, head.appliedTerm);
  writeUint(writer, head.etcdIndex);
  writeUint(writer, head.clusterTimeMs);
}

export function readHead(reader: WireReader): Head {
  const appliedIndex = readUint(reader);
  const appliedTerm = readUint(reader);
  const etcdIndex = readUint(reader);
  return { appliedIndex, appliedTerm, etcdIndex, clusterTimeMs: readUint(reader) };
}

export interface SessionRecord {
  readonly memberId: MemberId;
  readonly boot: number;
  readonly renewal: number;
  readonly settledBelow: number;
  readonly registration: RegisterCommand | undefined;
}

export function writeSession(writer: WireSink, session: SessionRecord): void {
  memberIdKind.write(writer, session.memberId);
  writeUint(writer, session.boot);
  writeUint(writer, session.renewal);
  writeUint(writer, session.settledBelow);
  writeFlag(writer, session.registration !== undefined);
  if (session.registration !== undefined) registerFormat.write(writer, session.registration);
}

export function readSession(reader: WireReader): SessionRecord {
  const memberId = memberIdKind.read(reader);
  const boot = readUint(reader);
  const renewal = readUint(reader);
  const settledBelow = readUint(reader);
  const registration = readFlag(reader) ? registerFormat.read(reader) : undefined;
  return { memberId, boot, renewal, settledBelow, registration };
}

export interface NodeRecord {
  /** Number of the directory it is in, counted in the order of their records. */
  readonly directory: number;
  readonly name: string;
  readonly isDirectory: boolean;
  readonly value: string;
  readonly createdIndex: number;
  readonly modifiedIndex: number;
  readonly ttl: TtlRecord | undefined;
  readonly role: RoleRecord | undefined;
}

export type TtlRecord = Pick<Deadline, 'ttlMs' | 'renewal' | 'startedAt'>;

export type RoleRecord =
  | {
      readonly type: 'queue';
      readonly space: LockSpace;
      readonly name: string;
      readonly limit: number;
      readonly holderChangedIndex: number;
    }
  | {
      readonly type: 'place';
      readonly mode: HoldMode;
      readonly enteredAt: number;
      readonly grantedAt: number | undefined;
      readonly attachments: readonly AttachmentRecord[];
    };

interface AttachmentRecord {
  readonly memberId: MemberId;
  readonly sequence: number;
  readonly holdsConnection: boolean;
}

const nodeIs = { directory: 1, expiring: 2, queue: 4, place: 8 } as const;

export function writeNode(writer: WireSink, node: Node, directory: number): void {
  const { deadline, role } = node;
  writer.uint32(
    (node.children === undefined ? 0 : nodeIs.directory) |
      (deadline === undefined ? 0 : nodeIs.expiring) |
      (role === undefined ? 0 : nodeIs[role.type]),
  );
  writeUint(writer, directory);
  writeText(writer, node.name);
  writeText(writer, node.value);
  writeUint(writer, node.createdIndex);
  writeUint(writer, node.modifiedIndex);
  if (deadline !== undefined) writeTtl(writer, deadline);
  if (role !== undefined) writeRole(writer, role);
}

function writeTtl(writer: WireSink, { ttlMs, renewal, startedAt }: TtlRecord): void {
  writeUint(writer, ttlMs);
  writeUint(writer, renewal);
  writeOptionalUint(writer, startedAt);
}

function writeRole(writer: WireSink, role: NonNullable<Node['role']>): void {
  if (role.type === 'queue') {
    writeFlag(writer, role.space === 'leader');
    writeText(writer, role.name);
    writeUint(writer, role.limit);
    writeUint(writer, role.holderChangedIndex);
  } else {
    holdMode.write(writer, role.mode);
    writeUint(writer, role.enteredAt);
    writeOptionalUint(writer, role.grantedAt);
    writeList(writer, role.attachments, (to, { session, sequence, holdsConnection }) => {
      memberIdKind.write(to, session.memberId);
      writeUint(to, sequence);
      writeFlag(to, holdsConnection);
    });
  }
}

export function readNode(reader: WireReader): NodeRecord {
  const flags = reader.uint32();
  if (flags > 15) throw new MalformedError(`no node is ${flags}`);
  const directory = readUint(reader);
  const name = readText(reader);
  const value = readText(reader);
  const createdIndex = readUint(reader);
  const modifiedIndex = readUint(reader);
  const isDirectory = (flags & nodeIs.directory) !== 0;
  const ttl = (flags & nodeIs.expiring) === 0 ? undefined : readTtl(reader);
  const role = readRole(reader, flags);
  return { directory, name, isDirectory, value, createdIndex, modifiedIndex, ttl, role };
}

function readTtl(reader: WireReader): TtlRecord {
  const ttlMs = readUint(reader);
  const renewal = readUint(reader);
  return { ttlMs, renewal, startedAt: readOptionalUint(reader) };
}

function readRole(reader: WireReader, flags: number): RoleRecord | undefined {
  if ((flags & nodeIs.queue) !== 0) {
    const space = readFlag(reader) ? 'leader' : 'lock';
    const name = readText(reader);
    const limit = readUint(reader);
    return { type: 'queue', space, name, limit, holderChangedIndex: readUint(reader) };
  }
  if ((flags & nodeIs.place) === 0) return undefined;
  const mode = holdMode.read(reader);
  const enteredAt = readUint(reader);
  const grantedAt = readOptionalUint(reader);
  const attachments = readList(reader, (from) => {
    const memberId = memberIdKind.read(from);
    const sequence = readUint(from);
    return { memberId, sequence, holdsConnection: readFlag(from) };
  });
  return { type: 'place', mode, enteredAt, grantedAt, attachments };
}
