import { logIndex } from '../ids.js';
import { Raft } from '../raft/raft.js';
import { StateMachine } from '../store/state-machine.js';
import { Applier } from './applier.js';
import { Backups } from './backups.js';
import { ClusterClock } from './cluster-clock.js';
import { ClusterVersion } from './cluster-version.js';
import { ConfigurationChanges } from './configuration-changes.js';
import { ContactLog } from './contact-log.js';
import { ExpiryProposer } from './expiry-proposer.js';
import { ForwardedRequests } from './forwarded-requests.js';
import { KeepAlive } from './keep-alive.js';
import { Leadership } from './leadership.js';
import { LeadershipTransfer } from './leadership-transfer.js';
import { LogAppender } from './log-appender.js';
import { MembershipCare } from './membership-care.js';
import { MembershipChanges } from './membership-changes.js';
import type { MemberOptions } from './options.js';
import { Proposals } from './proposals.js';
import { QuorumContact } from './quorum-contact.js';
import { ReadContexts } from './read-contexts.js';
import { Reads } from './reads.js';
import { RoleLog } from './role-log.js';
import { type SnapshotEvents, Snapshots } from './snapshots.js';
import { Submissions } from './submissions.js';

/** The parts of a member that its driver calls. They do not know the driver. */
export interface MemberParts {
  readonly raft: Raft;
  readonly stateMachine: StateMachine;
  readonly leadership: Leadership;
  readonly leadershipTransfer: LeadershipTransfer;
  readonly configurationChanges: ConfigurationChanges;
  readonly membershipChanges: MembershipChanges;
  readonly membershipCare: MembershipCare;
  readonly appender: LogAppender;
  readonly submissions: Submissions;
  readonly forwardedRequests: ForwardedRequests;
  readonly keepAlive: KeepAlive;
  readonly expiryProposer: ExpiryProposer;
  readonly clusterVersion: ClusterVersion;
  readonly snapshots: Snapshots;
  readonly applier: Applier;
  readonly backups: Backups;
  readonly contactLog: ContactLog;
  readonly roleLog: RoleLog;
}

/** Each part knows only parts that are created before it, so no call goes in a circle. */
export function createParts(options: MemberOptions, events: SnapshotEvents): MemberParts {
  const { storage, transport, clock, logger, limits } = options;
  const { identity, boot } = storage.start;
  const raft = openRaft(options);
  const stateMachine = new StateMachine({ ...options.stateMachine, formats: options.formats });
  const leadership = new Leadership(clock);
  const clusterClock = new ClusterClock(clock);
  const appender = new LogAppender(raft, stateMachine, clusterClock, leadership);
  const proposals = new Proposals(
    identity.memberId,
    boot,
    clock,
    limits,
    () => stateMachine.clusterVersion,
    () => raft.uncommittedBytes,
  );
  const readContexts = new ReadContexts();
  const reads = new Reads(clock, readContexts);
  const snapshots = new Snapshots(
    { storage, transport, stateMachine, clock, logger, limits },
    events,
  );
  const quorumContact = new QuorumContact(options, raft, leadership);
  const leadershipTransfer = new LeadershipTransfer(options, raft, leadership);
  const applier = new Applier(options, raft, stateMachine, snapshots);
  const common = { raft, stateMachine, leadership, appender };
  const configurationChanges = new ConfigurationChanges(raft, clock);
  const membership = { raft, leadership, leadershipTransfer, configurationChanges };
  const membershipChanges = new MembershipChanges(options, membership);
  return {
    ...common,
    leadershipTransfer,
    configurationChanges,
    membershipChanges,
    membershipCare: new MembershipCare(options, membership),
    snapshots,
    submissions: new Submissions(options, {
      ...common,
      proposals,
      reads,
      quorumContact,
      membershipChanges,
    }),
    forwardedRequests: new ForwardedRequests(options, {
      ...common,
      readContexts,
      leadershipTransfer,
      membershipChanges,
    }),
    keepAlive: new KeepAlive(options, stateMachine, leadership, proposals),
    expiryProposer: new ExpiryProposer(clock, { ...common, clusterClock }),
    clusterVersion: new ClusterVersion(common),
    applier,
    backups: new Backups(options, { raft, stateMachine, applier, snapshots }),
    contactLog: new ContactLog(options, raft),
    roleLog: new RoleLog(logger),
  };
}

function openRaft({ storage, limits, initialConfiguration, random }: MemberOptions): Raft {
  const { hardState, snapshot, entries, identity } = storage.start;
  return new Raft({
    id: identity.memberId,
    configuration: initialConfiguration,
    hardState,
    snapshot,
    entries,
    lastApplied: snapshot?.lastIncludedIndex ?? logIndex(0),
    electionTimeoutTicks: Math.ceil(limits.electionTimeoutMs / limits.tickMs),
    heartbeatIntervalTicks: Math.max(1, Math.round(limits.heartbeatIntervalMs / limits.tickMs)),
    random,
    appendBytesMax: limits.appendBytesMax,
    inflightMax: limits.inflightMax,
    inflightBytesMin: limits.inflightBytesMin,
    inflightBytesMax: limits.inflightBytesMax,
    uncommittedBytesMax: limits.uncommittedBytesMax,
    committedBytesMax: limits.committedBytesMax,
  });
}
