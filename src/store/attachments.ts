import type { Attachment, Place } from './node.js';
import type { Session } from './session.js';
import type { Tree } from './tree.js';

/** The place stays no longer than the request, or another one like it. */
export function attach(
  place: Place,
  asker: { readonly session: Session; readonly sequence: number },
  holdsConnection: boolean,
  tree: Tree,
): void {
  tree.touch(place.node);
  restoreAttachment(place, { ...asker, holdsConnection });
}

export function restoreAttachment(place: Place, attached: Omit<Attachment, 'place'>): void {
  const { session, sequence, holdsConnection } = attached;
  const attachment: Attachment = { session, sequence, holdsConnection, place };
  place.attachments.push(attachment);
  session.attachments.add(attachment);
  session.attendance = undefined;
}

/** Whether that request waited on the place. */
export function detach(place: Place, session: Session, sequence: number, tree: Tree): boolean {
  const at = place.attachments.findIndex(
    (attachment) => attachment.session === session && attachment.sequence === sequence,
  );
  const attachment = place.attachments[at];
  if (attachment === undefined) return false;
  tree.touch(place.node);
  place.attachments.splice(at, 1);
  forget(attachment);
  return true;
}

/**
 * Somebody joins the place while it holds, and is told so: from now on it stays until it is
 * released or expires, whichever connections close.
 */
export function settle(place: Place, tree: Tree): void {
  keepOnly(place, [], tree);
}

/** Somebody joins the place while it holds, through a connection: it stays as long as that, or another such. */
export function settleOnConnections(place: Place, tree: Tree): void {
  const kept = place.attachments.filter(({ holdsConnection }) => holdsConnection);
  keepOnly(place, kept, tree);
}

function keepOnly(place: Place, kept: readonly Attachment[], tree: Tree): void {
  if (kept.length === place.attachments.length) return;
  tree.touch(place.node);
  for (const attachment of place.attachments) if (!kept.includes(attachment)) forget(attachment);
  place.attachments.splice(0, place.attachments.length, ...kept);
}

/** The place is about to go. What a snapshot has to know of it is saved when its node goes. */
export function detachAll(place: Place): void {
  for (const attachment of place.attachments) forget(attachment);
}

/** What the sessions behind a place have to attend to has changed: it holds now, or its TTL is another. */
export function recount(place: Place): void {
  for (const { session } of place.attachments) session.attendance = undefined;
}

function forget(attachment: Attachment): void {
  attachment.session.attachments.delete(attachment);
  attachment.session.attendance = undefined;
}

/**
 * The session's boot is over: nobody waits through it any more. A client that was told, through it,
 * that its place holds may still count on it, so that place stays, whoever else leaves. Returns the places on which nobody
 * waits at all now, in an order that is the same on every member: newest first, because a place that goes
 * may grant those behind it, and none of these must be granted.
 */
export function abandon(session: Session, tree: Tree): readonly Place[] {
  const left = new Set<Place>();
  for (const attachment of session.attachments) {
    const { place, holdsConnection } = attachment;
    if (place.holds && !holdsConnection) {
      settle(place, tree);
      continue;
    }
    tree.touch(place.node);
    place.attachments.splice(place.attachments.indexOf(attachment), 1);
    if (place.attachments.length === 0) left.add(place);
  }
  session.attachments.clear();
  session.attendance = undefined;
  return [...left].sort((a, b) => b.index - a.index);
}
