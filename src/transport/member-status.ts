import { logIndex, term } from '../ids.js';
import type { Role } from '../raft/ready.js';
import type { MemberStatus } from '../view/member-status.js';
import { decodeMemberId } from './hello.js';
import { malformed, safeInteger, type WireInteger } from './wire.js';

export interface WireMemberStatus {
  readonly role: number;
  readonly term: WireInteger;
  readonly leaderId: string;
  readonly commitIndex: WireInteger;
  readonly appliedIndex: WireInteger;
  readonly upMs: WireInteger;
  readonly rssBytes: WireInteger;
  readonly heapUsedBytes: WireInteger;
  readonly diskBytes: WireInteger;
  readonly watchers: WireInteger;
  readonly version: string;
}

const roleNumbers: Readonly<Record<Role, number>> = {
  follower: 1,
  preCandidate: 2,
  candidate: 3,
  leader: 4,
};

const roles = new Map<number, Role>([
  [1, 'follower'],
  [2, 'preCandidate'],
  [3, 'candidate'],
  [4, 'leader'],
]);

const numbersBytesMax = 192;
const versionCharactersMax = 256;

/** An upper bound of the encoded size. */
export function statusBytes({ version }: MemberStatus): number {
  return numbersBytesMax + Buffer.byteLength(version);
}

export function encodeStatus(status: MemberStatus): WireMemberStatus {
  return {
    ...status,
    role: roleNumbers[status.role],
    leaderId: status.leaderId ?? '',
    upMs: Math.round(status.upMs),
    diskBytes: status.diskBytes ?? 0,
  };
}

export function decodeStatus(wire: WireMemberStatus): MemberStatus {
  const diskBytes = safeInteger(wire.diskBytes);
  const { version } = wire;
  if (version.length > versionCharactersMax) malformed(`a version of ${version.length} characters`);
  return {
    role: roles.get(wire.role) ?? malformed(`an unknown role ${wire.role}`),
    term: term(safeInteger(wire.term)),
    leaderId: wire.leaderId === '' ? undefined : decodeMemberId(wire.leaderId),
    commitIndex: logIndex(safeInteger(wire.commitIndex)),
    appliedIndex: logIndex(safeInteger(wire.appliedIndex)),
    upMs: safeInteger(wire.upMs),
    rssBytes: safeInteger(wire.rssBytes),
    heapUsedBytes: safeInteger(wire.heapUsedBytes),
    diskBytes: diskBytes === 0 ? undefined : diskBytes,
    watchers: safeInteger(wire.watchers),
    version,
  };
}
