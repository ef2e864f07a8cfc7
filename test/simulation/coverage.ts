/** How often each thing happened: a run in which nothing happens proves nothing. */
export interface Coverage {
  events: number;
  committed: number;
  elections: number;
  commitNotices: number;
  snapshotsInstalled: number;
  /**
   * States out of snapshots, restored or only read, that were compared with what the log comes to.
   */
  statesCompared: number;
  /** Read to their end. */
  backups: number;
  handOvers: number;
  duplicates: number;
  keyExpiries: number;
  lockExpiries: number;
  grants: number;
  waits: number;
  /** An abandoned queue entry kept somebody from holding. */
  stops: number;
  /** A client found the place that it had kept. */
  comebacks: number;
  holds: number;
  holdsTogether: number;
  connectionHolds: number;
  fencedWrites: number;
  fencedRefusals: number;
  /** On locks, by their clients. */
  operations: number;
  answered: number;
  unknown: number;
  /** While users are asked for. */
  authChanges: number;
  guestsRefused: number;
  /** Commands of users whom a certificate named. */
  namedServed: number;
  /** In the log, because the user had lost the right. */
  usersRefused: number;
  /** Commands of a user who was gone, or had another password, when they were applied. */
  proofsOutlived: number;
  /** Requests for a lock, because their user lost the right. */
  waitsEnded: number;
  membersAdded: number;
  membersPromoted: number;
  membersRemoved: number;
  membersMoved: number;
  /** By themselves. */
  leadersRemoved: number;
}

const nothing: Coverage = {
  events: 0,
  committed: 0,
  elections: 0,
  commitNotices: 0,
  snapshotsInstalled: 0,
  statesCompared: 0,
  backups: 0,
  handOvers: 0,
  duplicates: 0,
  keyExpiries: 0,
  lockExpiries: 0,
  grants: 0,
  waits: 0,
  stops: 0,
  comebacks: 0,
  holds: 0,
  holdsTogether: 0,
  connectionHolds: 0,
  fencedWrites: 0,
  fencedRefusals: 0,
  operations: 0,
  answered: 0,
  unknown: 0,
  authChanges: 0,
  guestsRefused: 0,
  namedServed: 0,
  usersRefused: 0,
  proofsOutlived: 0,
  waitsEnded: 0,
  membersAdded: 0,
  membersPromoted: 0,
  membersRemoved: 0,
  membersMoved: 0,
  leadersRemoved: 0,
};

export function total(coverages: readonly Coverage[]): Coverage {
  const sum: Coverage = { ...nothing };
  for (const coverage of coverages) {
    for (const key of Object.keys(sum) as (keyof Coverage)[]) sum[key] += coverage[key];
  }
  return sum;
}
