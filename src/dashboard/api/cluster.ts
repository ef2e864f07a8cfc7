import { Fields } from './fields.js';
import { ask, type Question } from './request.js';

/** The cluster as one member sees it. */
export interface ClusterView {
  readonly clusterId: string;
  readonly self: SelfView;
  readonly members: readonly MemberView[];
  /** By member id; empty unless this member leads. */
  readonly followers: ReadonlyMap<string, FollowerView>;
}

export interface SelfView {
  readonly id: string;
  readonly name: string;
  readonly leaderForMs: number | undefined;
  readonly etcdIndex: number;
  /** How many events it has recorded since it started. */
  readonly events: number;
  /** Requests that wait for a grant. */
  readonly waitingForLocks: number;
  readonly waitingForElections: number;
}

export interface MemberView {
  readonly id: string;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isSelf: boolean;
  /** It gets the log, and has no vote. */
  readonly isLearner: boolean;
  /** It was added to stay one. */
  readonly staysLearner: boolean;
  readonly reachable: boolean;
  /** Since its last answer to this member; undefined when it has never answered. */
  readonly silentMs: number | undefined;
  readonly roundTripMs: number | undefined;
  /** Requests there that wait for a grant. */
  readonly waitingRequests: number;
  /** Undefined unless the last attempt to connect ended so. */
  readonly refusal: RefusalView | undefined;
  /** As of its last answer. */
  readonly report: ReportView | undefined;
}

/** One of two members does not accept the other. */
export interface RefusalView {
  readonly isByPeer: boolean;
  /** Completes "it is refused: ", where "it" is the refused one. */
  readonly reason: string;
}

/** What a member says of itself. */
export interface ReportView {
  readonly role: string;
  readonly term: number;
  readonly leader: string | undefined;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly upMs: number;
  readonly rssBytes: number | undefined;
  readonly diskBytes: number | undefined;
  readonly watchers: number;
  readonly version: string;
}

/** A follower as the leader measures it. */
export interface FollowerView {
  readonly latencyMs: number;
  readonly lag: number;
  readonly answered: number;
  readonly failed: number;
}

/** @throws {ApiError} */
export async function readCluster(signal: AbortSignal, timeoutMs: number): Promise<ClusterView> {
  const { body } = await ask({ method: 'GET', path: 'v2/stats/cluster', signal, timeoutMs });
  const fields = new Fields(body, 'the cluster');
  return {
    clusterId: fields.text('clusterId'),
    self: selfOf(fields.object('self')),
    members: fields.list('members', memberOf),
    followers: fields.byName('followers', followerOf),
  };
}

/** @throws {ApiError} */
export async function transferLeadership(to: string): Promise<void> {
  await ask({ method: 'POST', ...transferOf(to), signal: new AbortController().signal });
}

/** The request that lets the member lead. */
export function transferOf(to: string): Required<Pick<Question, 'path' | 'query'>> {
  return { path: 'v2/admin/transfer-leadership', query: { to } };
}

function selfOf(fields: Fields): SelfView {
  return {
    id: fields.text('id'),
    name: fields.text('name'),
    leaderForMs: fields.optionalNumber('leaderForMs'),
    etcdIndex: fields.number('etcdIndex'),
    events: fields.number('events'),
    waitingForLocks: fields.object('locks').number('waiting'),
    waitingForElections: fields.object('elections').number('waiting'),
  };
}

function memberOf(fields: Fields): MemberView {
  const report = fields.optionalObject('report');
  const refusal = fields.optionalObject('refusal');
  return {
    id: fields.text('id'),
    name: fields.text('name'),
    peerUrls: fields.texts('peerURLs'),
    clientUrls: fields.texts('clientURLs'),
    isSelf: fields.flag('self'),
    isLearner: fields.flag('learner'),
    staysLearner: fields.flag('staysLearner'),
    reachable: fields.flag('reachable'),
    silentMs: fields.optionalNumber('silentMs'),
    roundTripMs: fields.optionalNumber('roundTripMs'),
    waitingRequests: fields.number('waitingRequests'),
    refusal: refusal && refusalOf(refusal),
    report: report && reportOf(report),
  };
}

function refusalOf(fields: Fields): RefusalView {
  return { isByPeer: fields.text('by') === 'peer', reason: fields.text('reason') };
}

function reportOf(fields: Fields): ReportView {
  return {
    role: fields.text('role'),
    term: fields.number('term'),
    leader: fields.optionalText('leader'),
    commitIndex: fields.number('commitIndex'),
    appliedIndex: fields.number('appliedIndex'),
    upMs: fields.number('upMs'),
    rssBytes: fields.optionalNumber('rssBytes'),
    diskBytes: fields.optionalNumber('diskBytes'),
    watchers: fields.number('watchers'),
    version: fields.text('version'),
  };
}

function followerOf(fields: Fields): FollowerView {
  const latency = fields.object('latency');
  const counts = fields.object('counts');
  return {
    latencyMs: latency.number('current'),
    lag: fields.number('lag'),
    answered: counts.number('success'),
    failed: counts.number('fail'),
  };
}
