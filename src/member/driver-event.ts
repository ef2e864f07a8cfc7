import type { MemberId } from '../ids.js';
import type { SnapshotMetadata } from '../raft/entry.js';
import type { InstallSnapshotRequest, Message } from '../raft/messages.js';
import type { ForwardRequest, ForwardResponse } from '../transport/transport.js';

/** What a driver's turn handles. Callbacks only add events to the driver's queue. */
export type DriverEvent =
  | { readonly type: 'tick' }
  | { readonly type: 'messages'; readonly messages: readonly Message[] }
  | {
      readonly type: 'forwardRequests';
      readonly from: MemberId;
      readonly requests: readonly ForwardRequest[];
    }
  | {
      readonly type: 'forwardResponses';
      readonly from: MemberId;
      readonly responses: readonly ForwardResponse[];
    }
  | { readonly type: 'persisted'; readonly sequence: number; readonly installed: boolean }
  | { readonly type: 'peerLost'; readonly peer: MemberId }
  | { readonly type: 'snapshotTaken'; readonly metadata: SnapshotMetadata }
  | {
      readonly type: 'snapshotDelivered';
      readonly request: InstallSnapshotRequest;
      readonly success: boolean;
    }
  | { readonly type: 'snapshotReceived'; readonly request: InstallSnapshotRequest };
