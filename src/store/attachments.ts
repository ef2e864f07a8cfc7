import type { Attachment, Place } from './node.js';
import type { Session } from './session.js';
import type { Tree } from './tree.js';

/** A request waits on the place from now on. Asked twice, it waits once. */
export function attach(
  place: Place,
  asker: { readonly session: Session; readonly sequence: number },
  tree: Tree,
): void {
  tree.touch(place.node);
  restoreAttachment(place, asker.session, asker.sequence);
}

export function restoreAttachment(place: Place, session: Session, sequence: number): void {
  const attachment: Attachment = { session, sequence, place };
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
  if (place.attachments.length === 0) return;
  tree.touch(place.node);
  detachAll(place);
  place.attachments.length = 0;
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
 * The session's boot is over: nobody waits through it any more. Returns the places on which nobody
 * waits at all now, in an order that is the same on every member: newest first, because a place that goes
 * may grant those behind it, and none of these must be granted.
 */
export function abandon(session: Session, tree: Tree): readonly Place[] {
  const left = new Set<Place>();
  for (const attachment of session.attachments) {
    const { place } = attachment;
    tree.touch(place.node);
    place.attachments.splice(place.attachments.indexOf(attachment), 1);
    if (place.attachments.length === 0) left.add(place);
  }
  session.attachments.clear();
  session.attendance = undefined;
  return [...left].sort((a, b) => b.index - a.index);
}
