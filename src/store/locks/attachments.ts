import { Attachment, type QueueEntry } from '../keys/node.js';
import type { Tree } from '../keys/tree.js';
import type { Boot, Session } from '../sessions/session.js';

/**
 * The request keeps the queue entry from now on. The entry is removed when its last request goes.
 */
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

/** Makes an attachment that has no request yet. */
export function newAttachment(entry: QueueEntry, boot: Boot): Attachment {
  const attachment = new Attachment(entry, boot);
  entry.attachments.push(attachment);
  boot.attachments.put(attachment);
  return attachment;
}

/**
 * A linear search: a queue entry has one attachment for each boot through which it was asked for.
 */
export function attachmentOf(entry: QueueEntry, boot: Boot): Attachment | undefined {
  return entry.attachments.find((attachment) => attachment.boot === boot);
}

/** Takes the request off the queue entry. Returns whether it was attached. */
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
 * A request joined the queue entry while it held, and was told so. From now on the entry stays
 * until it is released or expires, whichever connections close.
 */
export function keepUntilReleased(entry: QueueEntry, tree: Tree): void {
  tree.touch(entry.node);
  keepOnly(entry, () => false);
}

/**
 * A request that holds through its connection joined the queue entry while it held. From now on the
 * entry stays for as long as any such connection lives.
 */
export function keepWhileConnected(entry: QueueEntry, tree: Tree): void {
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

/** The queue entry is about to be removed. A snapshot saves it when its node is removed. */
export function detachAll(entry: QueueEntry): void {
  for (const attachment of entry.attachments) forget(attachment);
}

/**
 * To be called when the entry begins to hold or its TTL changes: keep-alive intervals depend on
 * both.
 */
export function resetKeepAliveTtl(entry: QueueEntry): void {
  for (const { boot } of entry.attachments) boot.session.keepAliveTtlMs = undefined;
}

function forget(attachment: Attachment): void {
  const { boot } = attachment;
  boot.attachments.remove(attachment);
  boot.session.keepAliveTtlMs = undefined;
}

/** Whether a boot that has ended still keeps the queue entry. */
export function isLeftBehind({ attachments }: QueueEntry): boolean {
  return attachments.some(({ boot }) => boot.isOver);
}

/**
 * Whether only boots that have ended keep the queue entry. Such an entry must not be granted any
 * more.
 */
export function isAbandoned({ attachments }: QueueEntry): boolean {
  return attachments.length > 0 && attachments.every(({ boot }) => boot.isOver);
}

/**
 * Drops the attachments of boots that have ended. An entry that holds stays if a plain request came
 * through one of them: its client was told that it holds, and may still count on it.
 * Returns whether the queue entry has to be removed, because nothing else keeps it.
 */
export function dropEndedBoots(entry: QueueEntry, tree: Tree): boolean {
  const wasTold = entry.attachments.some((each) => each.boot.isOver && isPlain(each));
  if (entry.holds && wasTold) {
    keepUntilReleased(entry, tree);
    return false;
  }
  tree.touch(entry.node);
  keepOnly(entry, ({ boot }) => !boot.isOver);
  return entry.attachments.length === 0;
}
