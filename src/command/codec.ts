import type { Command, KeyCommand, LockCommand } from './command.js';
import type { Envelope, Origin, Stamp } from './envelope.js';
import { MalformedError } from './format-error.js';
import {
  readCompareAndDelete,
  readCompareAndSwap,
  readCreate,
  readCreateInOrder,
  readDelete,
  readSet,
  readUpdate,
  writeKeyCommand,
} from './key-codec.js';
import { readAcquire, readLeave, readRelease, readRenew, writeLockCommand } from './lock-codec.js';
import {
  readExpireKey,
  readExpireWaiter,
  readOrigin,
  readRegister,
  writeExpireKey,
  writeExpireWaiter,
  writeOrigin,
  writeRegister,
} from './member-codec.js';
import {
  decodeWhole,
  readUint,
  readVersion,
  type WireReader,
  type WireSink,
  wireWriter,
  writeUint,
} from './wire.js';

const envelopeVersion = 1;
const commandVersion = 1;

/** These numbers are in logs on disk: never change one, never use one again. */
const typeNumbers = {
  set: 1,
  create: 2,
  update: 3,
  compareAndSwap: 4,
  delete: 5,
  compareAndDelete: 6,
  createInOrder: 7,
  acquire: 16,
  renew: 17,
  release: 18,
  leave: 19,
  register: 32,
  attend: 33,
  expireKey: 48,
  expireWaiter: 49,
  clock: 50,
} as const satisfies Record<Command['type'], number>;

/**
 * The part of an envelope that its origin makes, and that a follower sends to the leader.
 * @throws {MalformedError} for a path, name, number or text that no command may carry.
 */
export function encodeCommand(origin: Origin | undefined, command: Command): Uint8Array {
  const writer = wireWriter();
  writer.uint32(commandVersion);
  writeOrigin(writer, origin);
  writer.uint32(typeNumbers[command.type]);
  writeBody(writer, command);
  return writer.finish();
}

/** The leader's part in front of it: a copy of the command's bytes, which are not looked at. */
export function sealEnvelope(stamp: Stamp, command: Uint8Array): Uint8Array {
  const writer = wireWriter();
  writer.uint32(envelopeVersion);
  writeUint(writer, stamp.clusterTimeMs);
  writeUint(writer, stamp.appliedIndex);
  const head = writer.finish();
  const sealed = Buffer.allocUnsafe(head.length + command.length);
  sealed.set(head);
  sealed.set(command, head.length);
  return sealed;
}

/**
 * @throws {NewerFormatError} when a newer release wrote it.
 * @throws {MalformedError} when nobody could have.
 */
export function openEnvelope(bytes: Uint8Array): Envelope {
  return decodeWhole(bytes, readEnvelope);
}

/**
 * Who asked for the command that a member's bytes hold. For the leader, before it puts them into the log.
 * @throws as {@link openEnvelope}.
 */
export function originOf(bytes: Uint8Array): Origin | undefined {
  return decodeWhole(bytes, readCommand).origin;
}

function readEnvelope(reader: WireReader): Envelope {
  readVersion(reader, 'an entry', envelopeVersion);
  const clusterTimeMs = readUint(reader);
  const appliedIndex = readUint(reader);
  const { origin, command } = readCommand(reader);
  return { stamp: { clusterTimeMs, appliedIndex }, origin, command };
}

function readCommand(reader: WireReader): Omit<Envelope, 'stamp'> {
  readVersion(reader, 'a command', commandVersion);
  const origin = readOrigin(reader);
  return { origin, command: readBody(reader) };
}

function writeBody(writer: WireSink, command: Command): void {
  switch (command.type) {
    case 'register':
      writeRegister(writer, command);
      return;
    case 'expireKey':
      writeExpireKey(writer, command);
      return;
    case 'expireWaiter':
      writeExpireWaiter(writer, command);
      return;
    case 'attend':
    case 'clock':
      return;
    case 'acquire':
    case 'renew':
    case 'release':
    case 'leave':
      writeLockCommand(writer, command satisfies LockCommand);
      return;
    default:
      writeKeyCommand(writer, command satisfies KeyCommand);
  }
}

type BodyReader = (reader: WireReader) => Command;

const bodyReaders: readonly (BodyReader | undefined)[] = bodyReadersByNumber({
  set: readSet,
  create: readCreate,
  update: readUpdate,
  compareAndSwap: readCompareAndSwap,
  delete: readDelete,
  compareAndDelete: readCompareAndDelete,
  createInOrder: readCreateInOrder,
  acquire: readAcquire,
  renew: readRenew,
  release: readRelease,
  leave: readLeave,
  register: readRegister,
  attend: () => ({ type: 'attend' }),
  expireKey: readExpireKey,
  expireWaiter: readExpireWaiter,
  clock: () => ({ type: 'clock' }),
});

function bodyReadersByNumber(
  readers: Record<Command['type'], BodyReader>,
): readonly (BodyReader | undefined)[] {
  const byNumber: (BodyReader | undefined)[] = new Array(64).fill(undefined);
  for (const [type, reader] of Object.entries(readers)) {
    byNumber[typeNumbers[type as Command['type']]] = reader;
  }
  return byNumber;
}

function readBody(reader: WireReader): Command {
  const number = reader.uint32();
  const read = bodyReaders[number];
  if (read === undefined) throw new MalformedError(`no command has the number ${number}`);
  return read(reader);
}
