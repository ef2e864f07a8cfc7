import { encodedBytes } from '../encoding/byte-writer.js';
import { UnionFormat } from '../encoding/union-format.js';
import { requireVersion } from '../encoding/versioned.js';
import {
  decodeWhole,
  readFlag,
  readVersion,
  type WireReader,
  wireReader,
  writeFlag,
} from '../encoding/wire.js';
import { type Command, commands } from './command.js';
import { type Envelope, type Origin, originFormat, type Stamp, stampFormat } from './envelope.js';

const commandFormat = new UnionFormat<Command>('a command', commands);

/**
 * Encodes the part of an envelope that a follower sends to the leader, in the lowest version that
 * has the used fields.
 * @param versionMax is the cluster's version: no member has to read a later one.
 * @throws {MalformedError} for a path, name, number or text that no command may carry, and for a
 *   field that is newer than the cluster's version.
 */
export function encodeCommand(
  origin: Origin | undefined,
  command: Command,
  versionMax: number,
): Uint8Array {
  return encodedBytes((writer) => {
    const version = requireVersion(commandFormat, command, 'a command', versionMax);
    const originVersion =
      origin === undefined ? 1 : requireVersion(originFormat, origin, 'an origin', versionMax);
    writer.uint32(Math.max(version, originVersion));
    writeFlag(writer, origin !== undefined);
    if (origin !== undefined) originFormat.write(writer, origin);
    commandFormat.write(writer, command);
  });
}

/**
 * Puts the leader's stamp in front of the command's bytes, which are copied without a look at them.
 * @param clusterVersion stands in front, so that a release that does not understand it refuses the
 *   entry.
 */
export function encodeEnvelope(
  stamp: Stamp,
  command: Uint8Array,
  clusterVersion: number,
): Uint8Array {
  return encodedBytes((writer) => {
    writer.uint32(clusterVersion);
    stampFormat.write(writer, stamp);
    writer.append(command);
  });
}

/**
 * @param highest the newest version that is understood.
 * @throws {NewerFormatError} when a newer release wrote it.
 * @throws {MalformedError} when no release wrote it.
 */
export function decodeEnvelope(bytes: Uint8Array, highest: number): Envelope {
  return decodeWhole(bytes, (reader) => readEnvelope(reader, highest));
}

/**
 * The origin of an encoded command. The leader checks it before it appends the bytes to its log.
 * @throws as {@link decodeEnvelope}.
 */
export function originOf(bytes: Uint8Array, highest: number): Origin | undefined {
  return decodeWhole(bytes, (reader) => readCommand(reader, highest)).origin;
}

/**
 * Checks the version of an entry, and nothing else of it.
 * @throws {NewerFormatError} when a newer release wrote it.
 */
export function requireEnvelopeVersion(bytes: Uint8Array, highest: number): void {
  const [version = 0] = bytes;
  if (version > highest) readVersion(wireReader(bytes), 'an entry', highest);
}

function readEnvelope(reader: WireReader, highest: number): Envelope {
  readVersion(reader, 'an entry', highest);
  const stamp = stampFormat.read(reader);
  return { stamp, ...readCommand(reader, highest) };
}

function readCommand(reader: WireReader, highest: number): Omit<Envelope, 'stamp'> {
  readVersion(reader, 'a command', highest);
  const origin = readFlag(reader) ? originFormat.read(reader) : undefined;
  return { origin, command: commandFormat.read(reader) };
}
