import { decodeEnvelope } from '../command/codec.js';
import type { Envelope } from '../command/envelope.js';
import { MalformedError } from '../encoding/format-error.js';

/** Returns undefined for malformed bytes: every member skips such an entry. */
export function openEntry(data: Uint8Array, highest: number): Envelope | undefined {
  try {
    return decodeEnvelope(data, highest);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
