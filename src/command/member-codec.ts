import { type MemberId, memberId, term } from '../ids.js';
import type { ExpireKeyCommand, ExpireWaiterCommand, RegisterCommand } from './command.js';
import type { Origin } from './envelope.js';
import { MalformedError } from './format-error.js';
import { readPath, writePath } from './key-codec.js';
import { readLockName, writeLockName } from './lock-codec.js';
import {
  readFlag,
  readList,
  readText,
  readUint,
  type WireReader,
  type WireSink,
  writeFlag,
  writeList,
  writeText,
  writeUint,
} from './wire.js';

const memberIdPattern = /^[0-9a-f]{16}$/;

export function writeRegister(writer: WireSink, command: RegisterCommand): void {
  writeText(writer, command.incarnation);
  writeText(writer, command.name);
  writeList(writer, command.peerUrls, writeText);
  writeList(writer, command.clientUrls, writeText);
  writeText(writer, command.version);
}

export function readRegister(reader: WireReader): RegisterCommand {
  const incarnation = readText(reader);
  const name = readText(reader);
  const peerUrls = readList(reader, readText);
  const clientUrls = readList(reader, readText);
  return { type: 'register', incarnation, name, peerUrls, clientUrls, version: readText(reader) };
}

export function writeExpireKey(writer: WireSink, command: ExpireKeyCommand): void {
  writePath(writer, command.path);
  writeUint(writer, command.renewal);
  writeUint(writer, command.term);
}

export function readExpireKey(reader: WireReader): ExpireKeyCommand {
  const path = readPath(reader);
  const renewal = readUint(reader);
  return { type: 'expireKey', path, renewal, term: term(readUint(reader)) };
}

export function writeExpireWaiter(writer: WireSink, command: ExpireWaiterCommand): void {
  writeLockName(writer, command);
  writeUint(writer, command.index);
  writeList(writer, command.sessions, (to, session) => {
    writeMemberId(to, session.memberId);
    writeUint(to, session.renewal);
  });
  writeUint(writer, command.term);
}

export function readExpireWaiter(reader: WireReader): ExpireWaiterCommand {
  const { space, name } = readLockName(reader);
  const index = readUint(reader);
  const sessions = readList(reader, (from) => {
    const member = readMemberId(from);
    return { memberId: member, renewal: readUint(from) };
  });
  return { type: 'expireWaiter', space, name, index, sessions, term: term(readUint(reader)) };
}

export function writeOrigin(writer: WireSink, origin: Origin | undefined): void {
  writeFlag(writer, origin !== undefined);
  if (origin === undefined) return;
  writeMemberId(writer, origin.memberId);
  writeUint(writer, origin.boot);
  writeUint(writer, origin.sequence);
  writeUint(writer, origin.settledBelow);
}

export function readOrigin(reader: WireReader): Origin | undefined {
  if (!readFlag(reader)) return undefined;
  const member = readMemberId(reader);
  const boot = readUint(reader);
  const sequence = readUint(reader);
  return { memberId: member, boot, sequence, settledBelow: readUint(reader) };
}

export function writeMemberId(writer: WireSink, id: MemberId): void {
  writeText(writer, id);
}

export function readMemberId(reader: WireReader): MemberId {
  const id = readText(reader);
  if (!memberIdPattern.test(id)) throw new MalformedError('not a member id');
  return memberId(id);
}
