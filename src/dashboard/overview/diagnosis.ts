import type { ClusterView, MemberView } from '../api/cluster.js';
import { type Failure, sentenceOf } from '../api/failure.js';
import { countOf, countText, durationText } from '../format/quantity.js';

export interface Finding {
  readonly severity: 'critical' | 'warning';
  readonly sentence: string;
}

/** A member that was silent for less time counts as slow, not as lost. */
const silenceMs = 1_500;
/** A member may be so many entries behind in a burst of writes. */
const lagMax = 5_000;

/** The problems of the cluster, the worst first; empty when there is none. */
export function findingsOf(view: ClusterView): readonly Finding[] {
  const refused = refusedSelfFindings(view);
  if (refused.length > 0) return refused;
  return [
    ...leaderFindings(view),
    ...memberFindings(view),
    ...lagFindings(view),
    ...versions(view),
  ];
}

export function unansweredSentence(
  name: string | undefined,
  failure: Failure,
  silentMs: number,
  nextTryMs: number,
): string {
  if (failure.type !== 'unreachable') return sentenceOf(failure);
  const who =
    name === undefined ? 'The member that serves this page' : `${name}, which serves this page,`;
  const next =
    nextTryMs < 1000 ? 'Trying again now.' : `Trying again in ${durationText(nextTryMs)}.`;
  return `${who} has not answered for ${durationText(silentMs)}. ${next}`;
}

export function healthySentence(view: ClusterView): string {
  const { members, self } = view;
  const leader = nameOf(view, leaderIdOf(view));
  const since = self.leaderForMs === undefined ? '' : ` for ${durationText(self.leaderForMs)}`;
  const answering =
    members.length === 1 ? 'The only member answers' : `All ${members.length} members answer`;
  return `${answering}; ${leader} has led${since}.`;
}

function leaderIdOf({ members }: ClusterView): string | undefined {
  return members.find(({ isSelf }) => isSelf)?.report?.leader;
}

function nameOf({ members }: ClusterView, id: string | undefined): string {
  return members.find((member) => member.id === id)?.name ?? id ?? 'nobody';
}

export function isDown({ isSelf, reachable, silentMs }: MemberView): boolean {
  return !isSelf && (!reachable || silentMs === undefined || silentMs > silenceMs);
}

function leaderFindings(view: ClusterView): readonly Finding[] {
  if (leaderIdOf(view) !== undefined) return [];
  const sentence = `${view.self.name} knows no leader: writes, locks and elections wait until one is elected.`;
  return [{ severity: 'critical', sentence }];
}

/** The others may serve as before: a refused member alone knows nothing of them. */
function refusedSelfFindings({ members, self }: ClusterView): readonly Finding[] {
  const refusing = members.filter(({ refusal }) => refusal?.isByPeer === true);
  const reasons = new Set(refusing.map(({ refusal }) => refusal?.reason));
  return Array.from(reasons, (reason): Finding => {
    const names = refusing.filter(({ refusal }) => refusal?.reason === reason);
    const who = names.map(({ name }) => name).join(' and ');
    return { severity: 'critical', sentence: `${self.name} is refused by ${who}: ${reason}.` };
  });
}

function memberFindings(view: ClusterView): readonly Finding[] {
  const down = view.members.filter(isDown);
  const findings = down.map(
    (member): Finding => ({ severity: 'warning', sentence: downSentence(member, view.self.name) }),
  );
  if (down.length === 0) return [];
  const voters = view.members.filter(({ isLearner }) => !isLearner);
  const lost = voters.filter(isDown).length;
  if (lost === 0) return findings;
  return [quorumFinding(voters.length, voters.length - lost), ...findings];
}

function downSentence({ name, silentMs, refusal }: MemberView, selfName: string): string {
  if (refusal !== undefined) return `${name} is refused: ${refusal.reason}.`;
  if (silentMs === undefined) return `${name} has never answered ${selfName}.`;
  return `${name} has not answered for ${durationText(silentMs)}.`;
}

function quorumFinding(members: number, answering: number): Finding {
  const spare = answering - (Math.floor(members / 2) + 1);
  const sentence = `${answering} of ${members} members answer: `;
  if (spare < 0) {
    return { severity: 'critical', sentence: `${sentence}too few, so nothing can be written.` };
  }
  if (spare === 0) {
    return { severity: 'critical', sentence: `${sentence}one more loss stops the cluster.` };
  }
  return {
    severity: 'warning',
    sentence: `${sentence}${countOf(spare, 'more loss', 'more losses')} can be borne.`,
  };
}

/**
 * How many entries a member has still to apply; undefined when unknown. The leader knows it of its
 * followers. Elsewhere a member's report, up to a second old, is compared with the newest one.
 */
export function lagOf(view: ClusterView, { id, report }: MemberView): number | undefined {
  const followerLag = view.followers.get(id)?.lag;
  if (followerLag !== undefined || report === undefined) return followerLag;
  const newest = Math.max(...view.members.map((member) => member.report?.commitIndex ?? 0));
  return newest - report.appliedIndex;
}

function lagFindings(view: ClusterView): readonly Finding[] {
  return view.members.flatMap((member): readonly Finding[] => {
    const lag = lagOf(view, member);
    if (isDown(member) || lag === undefined || lag <= lagMax) return [];
    const sentence = `${member.name} is ${countText(lag)} entries behind.`;
    return [{ severity: 'warning', sentence }];
  });
}

function versions({ members }: ClusterView): readonly Finding[] {
  const known = members.flatMap(({ name, report }) => (report ? [{ name, ...report }] : []));
  if (new Set(known.map(({ version }) => version)).size < 2) return [];
  const list = known.map(({ name, version }) => `${name} ${version}`).join(', ');
  return [{ severity: 'warning', sentence: `The members run different versions: ${list}.` }];
}
