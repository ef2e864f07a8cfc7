import { Attachment, type QueueEntry } from './node.js';
import type { Boot, Session } from './session.js';
import type { Tree } from './tree.js';

/** The queue entry stays no longer than the request, or another one like it. */
export function attach(
  entry: QueueEntry,
  asker: { readonly session: Session; readonly sequence: number },
  holdsConnection: boolean,
  tree: Tree,
): void {
  tree.touch(entry.node);
  const attachment =
    attachmentOf(entry, asker.session.boot) ?? newAttachment(entry, asker.session.boot);
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
export function newAttachment(entry: QueueEntry, boot: Boot): Attachment {
  const attachment = new Attachment(entry, boot);
  entry.attachments.push(attachment);
  boot.attachments.put(attachment);
  return attachment;
}

/** A queue entry has few: one for each boot through which somebody asked for it. */
export function attachmentOf(entry: QueueEntry, boot: Boot): Attachment | undefined {
  return entry.attachments.find((attachment) => attachment.boot === boot);
}

/** Whether that request of the session's boot waited on the queue entry. */
export function detach(
  entry: QueueEntry,
  { boot }: Session,
  sequence: number,
  tree: Tree,
): boolean {
  const attachment = attachmentOf(entry, boot);
  if (attachment === undefined || !isOf(attachment, sequence)) return false;
  tree.touch(entry.node);
  attachment.plain?.delete(sequence);
  attachment.connected?.delete(sequence);
  keepOnly(entry, isUsed);
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
 * Somebody joins the queue entry while it holds, and is told so: from now on it stays until it is
 * released or expires, whichever connections close.
 */
export function settle(entry: QueueEntry, tree: Tree): void {
  tree.touch(entry.node);
  keepOnly(entry, () => false);
}

/** Somebody joins the queue entry while it holds, through a connection: it stays as long as that, or another such. */
export function settleOnConnections(entry: QueueEntry, tree: Tree): void {
  tree.touch(entry.node);
  for (const attachment of entry.attachments) attachment.plain = undefined;
  keepOnly(entry, isUsed);
}

function keepOnly({ attachments }: QueueEntry, isKept: (attachment: Attachment) => boolean): void {
  let kept = 0;
  for (const attachment of attachments) {
    if (isKept(attachment)) attachments[kept++] = attachment;
    else forget(attachment);
  }
  attachments.length = kept;
}

/** The queue entry is about to go. What a snapshot has to know of it is saved when its node goes. */
export function detachAll(entry: QueueEntry): void {
  for (const attachment of entry.attachments) forget(attachment);
}

/** What the sessions behind a queue entry have to keep alive has changed: it holds now, or its TTL is another. */
export function recount(entry: QueueEntry): void {
  for (const { boot } of entry.attachments) boot.session.keepAliveTtlMs = undefined;
}

function forget(attachment: Attachment): void {
  const { boot } = attachment;
  boot.attachments.remove(attachment);
  boot.session.keepAliveTtlMs = undefined;
}

/** Whether some of what keeps the queue entry is of a boot that is over. */
export function isLeftBehind({ attachments }: QueueEntry): boolean {
  return attachments.some(({ boot }) => boot.isOver);
}

/** Whether all that keeps the queue entry is of boots that are over: it must not begin to hold any more. */
export function isAbandoned({ attachments }: QueueEntry): boolean {
  return attachments.length > 0 && attachments.every(({ boot }) => boot.isOver);
}

/**
 * Takes from the queue entry what boots that are over left on it. A client that was told, through one of
 * them, that the queue entry holds may still count on it, so that it stays then, whoever else leaves.
 * Returns whether the queue entry has to go, for nothing else keeps it.
 */
export function dropEndedBoots(entry: QueueEntry, tree: Tree): boolean {
  const wasTold = entry.attachments.some((each) => each.boot.isOver && isPlain(each));
  if (entry.holds && wasTold) {
    settle(entry, tree);
    return false;
  }
  tree.touch(entry.node);
  keepOnly(entry, ({ boot }) => !boot.isOver);
  return entry.attachments.length === 0;
}
