import type { AuthView } from './auth-view.js';
import type { KeysView } from './keys-view.js';
import type { LocksView } from './locks-view.js';
import type { MembersView } from './members-view.js';
import type { TimeView } from './time-view.js';

/** The state machine as its readers see it, part by part: nothing here changes it. */
export interface StateView {
  /** Index of the newest event; `X-Etcd-Index`. */
  readonly etcdIndex: number;
  readonly keys: KeysView;
  readonly locks: LocksView;
  readonly members: MembersView;
  readonly time: TimeView;
  readonly auth: AuthView;
}
