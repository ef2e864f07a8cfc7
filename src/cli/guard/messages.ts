/** When the command has to end, on the boot clock. */
export interface Deadlines {
  /** Then it is asked to end. */
  readonly termAt: number;
  /** Then it is killed. */
  readonly killAt: number;
}

/** To the guard. */
export type Order =
  /** Have the server that comes with this, which is open as long as a process has it. */
  | { readonly type: 'keep' }
  | {
      readonly type: 'run';
      readonly command: string;
      readonly args: readonly string[];
      readonly env: NodeJS.ProcessEnv;
      readonly deadlines: Deadlines;
      /** From TERM to KILL. */
      readonly killAfterMs: number;
    }
  | { readonly type: 'renewed'; readonly deadlines: Deadlines }
  | { readonly type: 'signal'; readonly signal: NodeJS.Signals }
  /** The lock is gone: the command has to end now. */
  | { readonly type: 'end' };

/** From the guard. */
export type Report =
  | { readonly type: 'started'; readonly group: number }
  /** The command cannot be started; `code` is Node's, such as ENOENT. */
  | { readonly type: 'notStarted'; readonly code: string }
  /** The time was over before the command was started. */
  | { readonly type: 'tooLate' }
  /** The command was told to end, since the lock is lost. */
  | { readonly type: 'toldToEnd' }
  /** The command has ended, and nothing of its group is left unless `isLeft` says so. */
  | {
      readonly type: 'ended';
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
      /** The guard has told it to end. */
      readonly forced: boolean;
      readonly isLeft: boolean;
    };
