import { logIndex } from '../ids.js';
import { Raft } from '../raft/raft.js';
import { StateMachine } from '../store/state-machine.js';
import { Applier } from './applier.js';
import { ClusterClock } from './cluster-clock.js';
import { ClusterVersion } from './cluster-version.js';
import { ContactLog } from './contact-log.js';
import { ExpiryProposer } from './expiry-proposer.js';
import { ForwardedRequests } from './forwarded-requests.js';
import { KeepAlive } from './keep-alive.js';
import { Leadership } from './leadership.js';
import { LogAppender } from './log-appender.js';
import type { MemberOptions } from './options.js';
import { Proposals } from './proposals.js';
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
  readonly appender: LogAppender;
  readonly submissions: Submissions;
  readonly forwardedRequests: ForwardedRequests;
  readonly keepAlive: KeepAlive;
  readonly expiryProposer: ExpiryProposer;
  readonly clusterVersion: ClusterVersion;
  readonly snapshots: Snapshots;
  readonly applier: Applier;
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
  const common = { raft, stateMachine, leadership, appender };
  return {
    ...common,
    snapshots,
    submissions: new Submissions(options, { ...common, proposals, reads }),
    forwardedRequests: new ForwardedRequests(options, { ...common, readContexts }),
    keepAlive: new KeepAlive(options, stateMachine, leadership, proposals),
    expiryProposer: new ExpiryProposer(clock, { ...common, clusterClock }),
    clusterVersion: new ClusterVersion(common),
    applier: new Applier(options, raft, stateMachine, snapshots),
    contactLog: new ContactLog(options, raft),
    roleLog: new RoleLog(logger),
  };
}

function openRaft({ storage, limits, initialMembers, random }: MemberOptions): Raft {
  const { hardState, snapshot, entries, identity } = storage.start;
  return new Raft({
    id: identity.memberId,
    configuration: { voters: initialMembers, learners: [] },
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
