import * as codec from '../../src/command/codec.js';
import type { Command } from '../../src/command/command.js';
import type { Envelope, Origin, Stamp } from '../../src/command/envelope.js';
import { releaseFormats } from '../../src/encoding/format-range.js';

/* Commands in the formats of this release, in a cluster that has not risen above version 1. */

const { highest } = releaseFormats;
const clusterVersion = 1;

export function encodeCommand(origin: Origin | undefined, command: Command): Uint8Array {
  return codec.encodeCommand(origin, command, clusterVersion);
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
