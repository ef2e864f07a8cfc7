import type { ClusterView } from '../api/cluster.js';
import type { PastEvent } from '../api/history.js';
import { countText } from '../format/quantity.js';

type Names = Pick<ClusterView, 'members'>;

/** An event in one sentence. */
export function eventSentence(event: PastEvent, view: Names): string {
  const times = event.count > 1 ? ` (${countText(event.count)} times)` : '';
  return `${contentOf(event, view)}${times}.`;
}

function contentOf(event: PastEvent, view: Names): string {
  const { type, term, by, reason } = event;
  const member = nameOf(event.member, view);
  switch (type) {
    case 'leaderElected':
      return `${member} was elected, term ${term}`;
    case 'leaderLost':
      return `There was no leader any more, term ${term}`;
    case 'peerLost':
      return `${member} was lost: it answered no more`;
    case 'peerFound':
      return `${member} answered again`;
    case 'peerRefused':
      return by === 'peer'
        ? `${member} refused this member: ${reason}`
        : `${member} was refused: ${reason}`;
    case 'requestsRefused':
      return `A request was refused: ${reason}`;
    case 'forcedRelease':
      return forcedText(event);
    default:
      return type;
  }
}

function forcedText({ space, name, index, value, client }: PastEvent): string {
  const who = value === undefined || value === '' ? 'A place without a value' : value;
  const token = index === undefined ? '' : `, token ${index},`;
  const what = space === 'leader' ? 'election' : 'lock';
  return `${who}${token} was taken away from the ${what} ${name}, by force, from ${client}`;
}

/** The label of a mark in the charts; undefined for what is no election. */
export function markLabel({ type, member, term }: PastEvent, view: Names): string | undefined {
  if (type === 'leaderLost') return 'no leader';
  if (type === 'leaderElected') return `${nameOf(member, view)} elected, term ${term}`;
  return undefined;
}

function nameOf(id: string | undefined, { members }: Names): string {
  return members.find((member) => member.id === id)?.name ?? id ?? 'A member';
}
