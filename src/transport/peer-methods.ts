import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';

/*
 * Each member dials every other member, twice: one TCP connection for control, and one for entries and
 * forwarded requests. Frames of the dialler travel on the streams that it opened, and the other member's
 * own frames on the streams that it opened in the other direction. The first frame of every stream is an
 * opening. A member that refuses it ends the stream with FAILED_PRECONDITION and its reason, and one that
 * accepts it answers with its own hello.
 */

const service = '/conclave.peer.v1.Peer';

export const methodPaths = {
  /**
   * The dialler's Raft messages but for AppendEntriesRequests, for as long as the connection lasts.
   */
  control: `${service}/Control`,
  /** The dialler's AppendEntriesRequests, on the other TCP connection. */
  appends: `${service}/Appends`,
  /** Requests of the dialler to the leader, and the leader's answers in any order. */
  forward: `${service}/Forward`,
  /**
   * One snapshot: an opening that announces it, chunks, an end. It is answered when it was received
   * whole.
   */
  snapshot: `${service}/Snapshot`,
  /** The cluster and its members, for whoever joins it. It asks nothing, and has no opening. */
  members: `${service}/Members`,
} as const;

/**
 * Frames pass through grpc-js as bytes. Encoding happens before a frame is queued, so that the
 * queue knows its size, and decoding happens in our own handlers, so that a malformed frame ends
 * its stream with our words.
 */
export function rawFrame(frame: Buffer): Buffer {
  return frame;
}

function method(path: string, responseStream: boolean, requestStream = true) {
  return {
    path,
    requestStream,
    responseStream,
    requestSerialize: rawFrame,
    requestDeserialize: rawFrame,
    responseSerialize: rawFrame,
    responseDeserialize: rawFrame,
  };
}

export const peerService: ServiceDefinition<UntypedServiceImplementation> = {
  Control: method(methodPaths.control, true),
  Appends: method(methodPaths.appends, true),
  Forward: method(methodPaths.forward, true),
  Snapshot: method(methodPaths.snapshot, false),
  Members: method(methodPaths.members, false, false),
};
