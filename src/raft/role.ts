import type { MemberId } from '../ids.js';
import type { Message } from './messages.js';
import type { Role, RoleReason } from './ready.js';

/**
 * The change of role that a role asks for. Roles do not know each other: `Raft` makes the change.
 * A change to `follower` keeps the current term; a higher term is adopted before a role is asked.
 */
export type Change =
  | {
      readonly type: 'follower';
      readonly leaderId: MemberId | undefined;
      readonly reason: Exclude<RoleReason, 'started'>;
    }
  | { readonly type: 'preCandidate' }
  | { readonly type: 'candidate'; readonly leadershipTransfer: boolean }
  | { readonly type: 'leader' };

/** How a member behaves in one role. It lives from one change to the next. */
export interface RoleBehaviour {
  readonly role: Role;
  /** Called once, when the role begins. */
  begin(): Change | undefined;
  tick(): Change | undefined;
  /**
   * Messages of the current term only, and (pre-)votes of any; vote requests are answered before.
   */
  step(message: Message): Change | undefined;
  /** The write in progress has ended. */
  persisted(): Change | undefined;
}
