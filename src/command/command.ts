import { type AuthCommand, authCommands } from './auth.js';
import { type ClusterCommand, clusterCommands } from './cluster.js';
import { type KeyCommand, keyCommands } from './keys.js';
import { type LockCommand, lockCommands } from './locks.js';
import { type MemberCommand, memberCommands } from './members.js';
import { type TimeCommand, timeCommands } from './time.js';

/** The content of log entries. Each command is one atomic step of the state machine. */
export type Command =
  | KeyCommand
  | LockCommand
  | MemberCommand
  | TimeCommand
  | ClusterCommand
  | AuthCommand;

/** The commands of all parts of the state, by type: the number on disk and the format of each. */
export const commands = {
  ...keyCommands,
  ...lockCommands,
  ...memberCommands,
  ...timeCommands,
  ...clusterCommands,
  ...authCommands,
};
