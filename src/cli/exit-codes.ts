/** Those from 64 on are the ones of BSD's sysexits.h. */
export const exitCodes = {
  usage: 2,
  /** EX_UNAVAILABLE: no member was reached, or none could serve. */
  unavailable: 69,
  /** EX_IOERR: the lock was lost, and the command was ended. */
  lost: 74,
  /** EX_TEMPFAIL: the lock was not free in time. */
  notAcquired: 75,
  /** EX_TEMPFAIL: a process has the data directory. */
  inUse: 75,
  /** A member said no for another reason, as a shell says it of any failure. */
  refused: 1,
  /** As a shell says it. */
  notExecutable: 126,
  notFound: 127,
  /** The number of the signal is added. */
  signalled: 128,
} as const;
