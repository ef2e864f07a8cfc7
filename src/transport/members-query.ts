import { encodedBytes } from '../encoding/byte-writer.js';
import { field } from '../encoding/field.js';
import { releaseFormats } from '../encoding/format-range.js';
import { boundedText, list, required } from '../encoding/kinds.js';
import { formatFor } from '../encoding/record-format.js';
import { decodeVersioned, writeVersioned } from '../encoding/versioned.js';
import { addressFormat, type ConfiguredAddress } from '../records/addresses-format.js';
import { type Address, Channel, type Handshake } from './channel.js';

/** What a member tells whoever asks at its peer address, before that one belongs to any cluster. */
export interface MembersAnswer {
  readonly clusterId: string;
  readonly members: readonly ConfiguredAddress[];
}

const what = 'the members of a cluster';

const answerFormat = formatFor<MembersAnswer>(what, {
  clusterId: field(1, required(boundedText('an identity', 1, 256))),
  members: field(2, list(addressFormat, Object.freeze([]))),
});

export function encodeMembersAnswer(answer: MembersAnswer): Buffer {
  return encodedBytes((writer) => writeVersioned(writer, answerFormat, answer));
}

function decodeMembersAnswer(bytes: Uint8Array): MembersAnswer {
  return decodeVersioned(answerFormat, bytes, what, releaseFormats.highest);
}

/**
 * Asks the member at a peer address. Rejects when it does not answer in time, or not with that.
 * @param handshake undefined where members do not speak TLS.
 */
export async function askPeer(
  address: Address,
  timeoutMs: number,
  handshake: Handshake | undefined,
): Promise<MembersAnswer> {
  const channel = new Channel(address, handshake);
  try {
    const answer = await new Promise<Buffer>((resolve, reject) => {
      channel.askForMembers(timeoutMs, (error, bytes) => {
        if (error === null && bytes !== undefined) resolve(bytes);
        else reject(channel.refusal ?? error ?? new Error('an empty answer'));
      });
    });
    return decodeMembersAnswer(answer);
  } finally {
    channel.close();
  }
}
