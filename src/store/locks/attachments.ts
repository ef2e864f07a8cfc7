import { assert } from '../../assert.js';
import type { Tree } from '../keys/tree.js';
import type { Writable } from '../part/writable.js';
import type { Asker, Boot, Session } from '../sessions/session.js';
import { BootAttachments, EndedBoots, type Waits } from './boot-attachments.js';
import { Attachment, type QueueEntry } from './queue.js';

/** The only view through which an attachment is changed. */
interface WritableAttachment extends Omit<Writable<Attachment>, 'plain' | 'connected'> {
  plain: Set<number> | undefined;
  connected: Set<number> | undefined;
}

/**
 * Attaches requests to the queue entries that they keep, and takes them off again. Every change
 * tells the tree before, which saves the entry's node (copy on write).
 */
export class Attachments {
  readonly ended = new EndedBoots();
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** To be called before the attachments of the entry are changed. They are returned for that. */
  #change({ node, attachments }: QueueEntry): WritableAttachment[] {
    this.#tree.touch(node);
    return attachments as WritableAttachment[];
  }

  /**
   * The request keeps the queue entry from now on. The entry is removed when its last request goes.
   */
  attach(entry: QueueEntry, asker: Asker, holdsConnection: boolean): void {
    const { boot } = asker.session;
    const attachments = this.#change(entry);
    const attachment =
      attachments.find((each) => each.boot === boot) ?? this.#add(entry, attachments, boot);
    if (holdsConnection) {
      attachment.connected ??= new Set();
      attachment.connected.add(asker.sequence);
    } else {
      attachment.plain ??= new Set();
      attachment.plain.add(asker.sequence);
    }
    ofBoot(boot).resetWaits();
  }

  /** The attachment has no request yet. */
  #add(entry: QueueEntry, attachments: WritableAttachment[], boot: Boot): WritableAttachment {
    boot.requests ??= new BootAttachments(boot, this.ended);
    const attachment = new Attachment(entry, boot) as WritableAttachment;
    attachments.push(attachment);
    ofBoot(boot).add(attachment);
    return attachment;
  }

  /** What waits through the boot; undefined when nothing ever did. */
  waits({ requests }: Boot): Waits | undefined {
    return requests instanceof BootAttachments ? requests.waits : undefined;
  }

  /** For a snapshot. The requests are not empty, and the entry has no attachment of that boot. */
  restore(
    entry: QueueEntry,
    boot: Boot,
    plain: readonly number[],
    connected: readonly number[],
  ): void {
    const attachment = this.#add(entry, this.#change(entry), boot);
    if (plain.length > 0) attachment.plain = new Set(plain);
    if (connected.length > 0) attachment.connected = new Set(connected);
  }

  /** Takes the request off the queue entry. Returns whether it was attached. */
  detach(entry: QueueEntry, { boot }: Session, sequence: number): boolean {
    const attached = attachmentOf(entry, boot);
    if (attached === undefined || !isOf(attached, sequence)) return false;
    const attachments = this.#change(entry);
    const { plain, connected } = attached as WritableAttachment;
    plain?.delete(sequence);
    connected?.delete(sequence);
    ofBoot(boot).resetWaits();
    keepOnly(attachments, isUsed);
    return true;
  }

  /**
   * A request joined the queue entry while it held, and was told so. From now on the entry stays
   * until it is released or expires, whichever connections close.
   */
  keepUntilReleased(entry: QueueEntry): void {
    keepOnly(this.#change(entry), () => false);
  }

  /**
   * A request that holds through its connection joined the queue entry while it held. From now on
   * the entry stays for as long as any such connection lives.
   */
  keepWhileConnected(entry: QueueEntry): void {
    const attachments = this.#change(entry);
    for (const attachment of attachments) attachment.plain = undefined;
    keepOnly(attachments, isUsed);
  }

  /**
   * Drops the attachments of boots that have ended. An entry that holds stays if a plain request
   * came through one of them: its client was told that it holds, and may still count on it.
   * Returns whether no attachment is left, so that the queue entry goes unless its place is kept.
   */
  dropEndedBoots(entry: QueueEntry): boolean {
    const wasTold = entry.attachments.some((each) => each.boot.isOver && isPlain(each));
    if (entry.holds && wasTold) {
      this.keepUntilReleased(entry);
      return false;
    }
    keepOnly(this.#change(entry), ({ boot }) => !boot.isOver);
    return entry.attachments.length === 0;
  }

  /**
   * The queue entry is about to be removed, and saved with that. It keeps the list of its
   * attachments, which their boots lose.
   */
  detachAll({ attachments }: QueueEntry): void {
    for (const attachment of attachments) ofBoot(attachment.boot).remove(attachment);
  }
}

/**
 * A linear search: a queue entry has one attachment for each boot through which it was asked for.
 */
export function attachmentOf(entry: QueueEntry, boot: Boot): Attachment | undefined {
  return entry.attachments.find((attachment) => attachment.boot === boot);
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

function keepOnly(
  attachments: WritableAttachment[],
  isKept: (attachment: Attachment) => boolean,
): void {
  let kept = 0;
  for (const attachment of attachments) {
    if (isKept(attachment)) attachments[kept++] = attachment;
    else ofBoot(attachment.boot).remove(attachment);
  }
  attachments.length = kept;
}

/**
 * To be called when the entry begins to hold or its TTL changes: keep-alive intervals depend on
 * both.
 */
export function resetWaits(entry: QueueEntry): void {
  for (const { boot } of entry.attachments) ofBoot(boot).resetWaits();
}

function ofBoot({ requests }: Boot): BootAttachments {
  assert(requests instanceof BootAttachments, 'the boot has attachments');
  return requests;
}

/** Whether a boot that has ended still keeps the queue entry. */
export function isLeftBehind({ attachments }: QueueEntry): boolean {
  return attachments.some(({ boot }) => boot.isOver);
}

/**
 * Whether only boots that have ended keep the queue entry. Such an entry must not be granted any
 * more.
 */
export function isAbandoned({ attachments, keptAt }: QueueEntry): boolean {
  if (keptAt !== undefined) return false;
  return attachments.length > 0 && attachments.every(({ boot }) => boot.isOver);
}
