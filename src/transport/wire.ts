import { fileURLToPath } from 'node:url';
import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import protobuf from 'protobufjs';
import { TransportError } from './transport-error.js';

const packageName = 'conclave.peer.v1';
const protoPath = fileURLToPath(new URL('../../proto/peer.proto', import.meta.url));

const root = protobuf.loadSync(protoPath);

/**
 * The service definition for grpc-js, except that frames pass through it as bytes. Encoding happens
 * before a frame is queued, so that the queue knows its size, and decoding happens in our own
 * handlers, so that a malformed frame ends its stream with our words.
 */
export const peerService: ServiceDefinition<UntypedServiceImplementation> = withRawFrames();

export const methodPaths = {
  control: `/${packageName}.Peer/Control`,
  appends: `/${packageName}.Peer/Appends`,
  forward: `/${packageName}.Peer/Forward`,
  snapshot: `/${packageName}.Peer/Snapshot`,
} as const;

export function rawFrame(frame: Buffer): Buffer {
  return frame;
}

function withRawFrames(): ServiceDefinition<UntypedServiceImplementation> {
  const service = loadSync(protoPath)[`${packageName}.Peer`];
  if (service === undefined || 'format' in service) throw new Error(`no service in ${protoPath}`);
  const methods = Object.entries(service).map(([name, method]) => [
    name,
    {
      ...method,
      requestSerialize: rawFrame,
      requestDeserialize: rawFrame,
      responseSerialize: rawFrame,
      responseDeserialize: rawFrame,
    },
  ]);
  return Object.fromEntries(methods);
}

/** One message type of the proto file, typed by hand and without a pass through plain objects. */
export class FrameType<Encoded extends object, Decoded> {
  readonly #type: protobuf.Type;

  constructor(name: string) {
    this.#type = root.lookupType(`${packageName}.${name}`);
  }

  encode(frame: Encoded): Buffer {
    const bytes = this.#type.encode(frame).finish();
    return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes);
  }

  decode(bytes: Uint8Array): Decoded {
    try {
      return this.#type.decode(bytes) as unknown as Decoded;
    } catch (error) {
      throw new TransportError('malformed', `not a ${this.#type.name}`, { cause: error });
    }
  }
}

/** A 64-bit integer as the decoder hands it out. */
export type WireInteger = number | { toNumber(): number };

/** Every valid integer fits a double; a larger one was not sent by a member. */
export function safeInteger(value: WireInteger): number {
  const integer = typeof value === 'number' ? value : value.toNumber();
  if (!Number.isSafeInteger(integer) || integer < 0) malformed(`${integer} is not a safe integer`);
  return integer;
}

export function malformed(what: string): never {
  throw new TransportError('malformed', `malformed frame: ${what}`);
}
