import { decodeEnvelope } from '../command/codec.js';
import type { Envelope } from '../command/envelope.js';
import { MalformedError } from '../encoding/format-error.js';

/** Undefined for bytes that say nothing: every member skips them alike. */
export function openEntry(data: Uint8Array): Envelope | undefined {
  try {
    return decodeEnvelope(data);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
