import { UnionFormat } from '../encoding/union-format.js';
import {
  decodeWhole,
  readFlag,
  readVersion,
  type WireReader,
  wireWriter,
  writeFlag,
} from '../encoding/wire.js';
import { type Command, commands } from './command.js';
import { type Envelope, type Origin, originFormat, type Stamp, stampFormat } from './envelope.js';

const envelopeVersion = 1;
/**
 * The newest format of a command that this release reads. It writes the oldest that has the used
 * fields.
 */
const commandVersion = 1;

const commandFormat = new UnionFormat<Command>('a command', commands);

/**
 * Encodes the part of an envelope that a follower sends to the leader.
 * @throws {MalformedError} for a path, name, number or text that no command may carry.
 */
export function encodeCommand(origin: Origin | undefined, command: Command): Uint8Array {
  const writer = wireWriter();
  writer.uint32(commandFormat.versionOf(command));
  writeFlag(writer, origin !== undefined);
  if (origin !== undefined) originFormat.write(writer, origin);
  commandFormat.write(writer, command);
  return writer.finish();
}

/**
 * Puts the leader's stamp in front of the command's bytes, which are copied without a look at them.
 */
export function encodeEnvelope(stamp: Stamp, command: Uint8Array): Uint8Array {
  const writer = wireWriter();
  writer.uint32(envelopeVersion);
  stampFormat.write(writer, stamp);
  const head = writer.finish();
  const envelope = Buffer.allocUnsafe(head.length + command.length);
  envelope.set(head);
  envelope.set(command, head.length);
  return envelope;
}

/**
 * @throws {NewerFormatError} when a newer release wrote it.
 * @throws {MalformedError} when no release wrote it.
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  return decodeWhole(bytes, readEnvelope);
}

/**
 * The origin of an encoded command. The leader checks it before it appends the bytes to its log.
 * @throws as {@link decodeEnvelope}.
 */
export function originOf(bytes: Uint8Array): Origin | undefined {
  return decodeWhole(bytes, readCommand).origin;
}

function readEnvelope(reader: WireReader): Envelope {
  readVersion(reader, 'an entry', envelopeVersion);
  const stamp = stampFormat.read(reader);
  return { stamp, ...readCommand(reader) };
}

function readCommand(reader: WireReader): Omit<Envelope, 'stamp'> {
  readVersion(reader, 'a command', commandVersion);
  const origin = readFlag(reader) ? originFormat.read(reader) : undefined;
  return { origin, command: commandFormat.read(reader) };
}
