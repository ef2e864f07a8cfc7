import { assertNever } from '../../src/assert.js';
import type { MemberId } from '../../src/ids.js';
import type { ConfigurationChange } from '../../src/raft/configuration-change.js';
import type { Message } from '../../src/raft/messages.js';
import { nameOf } from '../raft/peer.js';
import { describeMessage } from '../raft/trace.js';
import type { Cost } from './bounds.js';

/** A message, and what travels beside one that announces a snapshot: the entries in it. */
export interface Envelope {
  readonly message: Message;
  readonly contents: readonly string[] | undefined;
}

/** What can happen to one member. */
export type Input =
  | { readonly type: 'receive'; readonly envelope: Envelope }
  | { readonly type: 'electionTimeout' }
  | { readonly type: 'heartbeat' }
  | { readonly type: 'persisted' }
  | { readonly type: 'crash'; readonly written: boolean }
  | { readonly type: 'propose' }
  | { readonly type: 'transfer'; readonly to: MemberId }
  | { readonly type: 'compact'; readonly trailing: number }
  | { readonly type: 'change'; readonly change: ConfigurationChange }
  | { readonly type: 'leaderLost'; readonly leader: MemberId }
  | { readonly type: 'unreachable'; readonly peer: MemberId }
  | { readonly type: 'snapshotReported'; readonly peer: MemberId; readonly delivered: boolean };

export function costOf(input: Input): Cost | undefined {
  switch (input.type) {
    case 'crash':
      return 'crash';
    case 'compact':
      return 'compaction';
    case 'transfer':
      return 'transfer';
    case 'leaderLost':
    case 'unreachable':
      return 'break';
    case 'change':
    case 'heartbeat':
      return input.type;
    case 'receive':
    case 'electionTimeout':
    case 'persisted':
    case 'propose':
    case 'snapshotReported':
      return undefined;
    default:
      return assertNever(input);
  }
}

export function describeInput(input: Input): string {
  switch (input.type) {
    case 'receive':
      return `receives ${describeMessage(input.envelope.message)}`;
    case 'electionTimeout':
      return 'hears nothing for an election timeout';
    case 'heartbeat':
      return 'has a heartbeat due';
    case 'persisted':
      return 'has its write on disk';
    case 'crash':
      return `crashes and starts again${input.written ? ', with its write on disk' : ''}`;
    case 'propose':
      return 'appends a command';
    case 'transfer':
      return `hands over to ${nameOf(input.to)}`;
    case 'change':
      return `appends a change: ${input.change.type} ${nameOf(input.change.member)}`;
    case 'compact':
      return `takes a snapshot, and keeps ${input.trailing} of its entries`;
    case 'leaderLost':
      return `sees its leader ${nameOf(input.leader)} vanish`;
    case 'unreachable':
      return `sees its messages to ${nameOf(input.peer)} dropped`;
    case 'snapshotReported': {
      const fate = input.delivered ? 'delivered' : 'lost';
      return `is told that its snapshot to ${nameOf(input.peer)} was ${fate}`;
    }
    default:
      return assertNever(input);
  }
}
