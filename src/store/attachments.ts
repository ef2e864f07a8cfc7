import { Attachment, type Place } from './node.js';
import type { Boot, Session } from './session.js';
import type { Tree } from './tree.js';

/** The place stays no longer than the request, or another one like it. */
export function attach(
  place: Place,
  asker: { readonly session: Session; readonly sequence: number },
  holdsConnection: boolean,
  tree: Tree,
): void {
  tree.touch(place.node);
  const attachment =
    attachmentOf(place, asker.session.boot) ?? newAttachment(place, asker.session.boot);
  if (holdsConnection) {
    attachment.connected ??= new Set();
    attachment.connected.add(asker.sequence);
  } else {
    attachment.plain ??= new Set();
    attachment.plain.add(asker.sequence);
  }
  asker.session.keepAliveTtlMs = undefined;
}

/** Without a request that attaches yet. */
export function newAttachment(place: Place, boot: Boot): Attachment {
  const attachment = new Attachment(place, boot);
  place.attachments.push(attachment);
  boot.attachments.place(attachment);
  return attachment;
}

/** A place has few: one for each boot through which somebody asked for it. */
export function attachmentOf(place: Place, boot: Boot): Attachment | undefined {
  return place.attachments.find((attachment) => attachment.boot === boot);
}

/** Whether that request of the session's boot waited on the place. */
export function detach(place: Place, { boot }: Session, sequence: number, tree: Tree): boolean {
  const attachment = attachmentOf(place, boot);
  if (attachment === undefined || !isOf(attachment, sequence)) return false;
  tree.touch(place.node);
  attachment.plain?.delete(sequence);
  attachment.connected?.delete(sequence);
  keepOnly(place, isUsed);
  return true;
}

function isOf({ plain, connected }: Attachment, sequence: number): boolean {
  return plain?.has(sequence) === true || connected?.has(sequence) === true;
}

function isUsed(attachment: Attachment): boolean {
  return isPlain(attachment) || (attachment.connected?.size ?? 0) > 0;
}

function isPlain({ plain }: Attachment): boolean {
  return (plain?.size ?? 0) > 0;
}

/**
 * Somebody joins the place while it holds, and is told so: from now on it stays until it is
 * released or expires, whichever connections close.
 */
export function settle(place: Place, tree: Tree): void {
  tree.touch(place.node);
  keepOnly(place, () => false);
}

/** Somebody joins the place while it holds, through a connection: it stays as long as that, or another such. */
export function settleOnConnections(place: Place, tree: Tree): void {
  tree.touch(place.node);
  for (const attachment of place.attachments) attachment.plain = undefined;
  keepOnly(place, isUsed);
}

function keepOnly({ attachments }: Place, isKept: (attachment: Attachment) => boolean): void {
  let kept = 0;
  for (const attachment of attachments) {
    if (isKept(attachment)) attachments[kept++] = attachment;
    else forget(attachment);
  }
  attachments.length = kept;
}

/** The place is about to go. What a snapshot has to know of it is saved when its node goes. */
export function detachAll(place: Place): void {
  for (const attachment of place.attachments) forget(attachment);
}

/** What the sessions behind a place have to keep alive has changed: it holds now, or its TTL is another. */
export function recount(place: Place): void {
  for (const { boot } of place.attachments) boot.session.keepAliveTtlMs = undefined;
}

function forget(attachment: Attachment): void {
  const { boot } = attachment;
  boot.attachments.remove(attachment);
  boot.session.keepAliveTtlMs = undefined;
}

/** Whether some of what keeps the place is of a boot that is over. */
export function isLeftBehind({ attachments }: Place): boolean {
  return attachments.some(({ boot }) => boot.isOver);
}

/** Whether all that keeps the place is of boots that are over: it must not begin to hold any more. */
export function isAbandoned({ attachments }: Place): boolean {
  return attachments.length > 0 && attachments.every(({ boot }) => boot.isOver);
}

/**
 * Takes from the place what boots that are over left on it. A client that was told, through one of
 * them, that the place holds may still count on it, so that it stays then, whoever else leaves.
 * Returns whether the place has to go, for nothing else keeps it.
 */
export function dropEndedBoots(place: Place, tree: Tree): boolean {
  const wasTold = place.attachments.some((each) => each.boot.isOver && isPlain(each));
  if (place.holds && wasTold) {
    settle(place, tree);
    return false;
  }
  tree.touch(place.node);
  keepOnly(place, ({ boot }) => !boot.isOver);
  return place.attachments.length === 0;
}
