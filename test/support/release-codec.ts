import * as codec from '../../src/command/codec.js';
import type { Command } from '../../src/command/command.js';
import type { Envelope, Origin, Stamp } from '../../src/command/envelope.js';
import { releaseFormats } from '../../src/encoding/format-range.js';

/* Entries of a cluster of version 1, with the commands of this release. */

const { highest } = releaseFormats;
const clusterVersion = 1;

export function encodeCommand(origin: Origin | undefined, command: Command): Uint8Array {
  return codec.encodeCommand(origin, command, highest);
}

export function encodeEnvelope(stamp: Stamp, command: Uint8Array): Uint8Array {
  return codec.encodeEnvelope(stamp, command, clusterVersion);
}

export function decodeEnvelope(bytes: Uint8Array): Envelope {
  return codec.decodeEnvelope(bytes, highest);
}

export function originOf(bytes: Uint8Array): Origin | undefined {
  return codec.originOf(bytes, highest);
}
