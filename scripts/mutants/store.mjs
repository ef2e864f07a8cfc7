export const mutants = [
  {
    name: 'renewal-grants-next',
    rule: 'a renewal by the holder grants nothing to the next',
    file: 'src/store/locks/lock-commands.ts',
    find: `    this.#renewEntry(entry, command.ttlMs, context);
    return this.#entryResult(entry);`,
    replace: `    this.#renewEntry(entry, command.ttlMs, context);
    if (entry.behind !== undefined) this.#listeners.entryChanged(entry.behind, 'granted');
    if (entry.behind !== undefined) this.remove(entry, 'delete', context);
    return this.#entryResult(entry);`,
  },
  {
    name: 'expiry-without-renewal-check',
    rule: 'an expiry has no effect when a renewal was ordered before it',
    file: 'src/store/time/time-commands.ts',
    find: 'if (node.deadline === undefined || node.deadline.leaseRevision !== command.leaseRevision)',
    replace: 'if (node.deadline === undefined)',
  },
  {
    name: 'expiry-of-another-term',
    rule: 'a leader that is none any more expires nothing',
    file: 'src/store/time/time-commands.ts',
    find: 'if (node instanceof Refusal || command.term !== context.term) return false;',
    replace: 'if (node instanceof Refusal) return false;',
  },
  {
    name: 'results-not-in-snapshot',
    rule: 'the memory of applied commands is part of a snapshot',
    file: 'src/store/sessions/session-records.ts',
    find: 'remembered.push({ memberId: session.memberId, sequence, result });',
    replace: 'if (sequence < 0) remembered.push({ memberId: session.memberId, sequence, result });',
  },
  {
    name: 'no-memory-of-applied',
    rule: 'a command that is applied twice has one effect',
    file: 'src/store/command-executor.ts',
    find: `if (admission.type === 'duplicate') return admission.result;`,
    replace: `if (admission.type === 'duplicate') return this.#parts.apply(command, undefined, context);`,
  },
  {
    name: 'ttl-from-proposal',
    rule: 'a TTL runs from the apply, not from the proposal',
    file: 'src/store/state-machine.ts',
    find: 'const context = { index: entry.index, term: entry.term, now, clusterTimeMs };',
    replace:
      'const late = Math.max(0, now - 40); const context = { index: entry.index, term: entry.term, now: late, clusterTimeMs };',
  },
  {
    name: 'one-holder-too-many',
    rule: 'no more queue entries hold together than the limit allows',
    file: 'src/store/locks/queues.ts',
    find: 'return holders < limit ||',
    replace: 'return holders <= limit ||',
  },
  {
    name: 'readers-stay-behind-a-writer-that-left',
    rule: 'a writer that gives up between readers lets those behind it hold',
    file: 'src/store/locks/lock-commands.ts',
    find: 'const granted = this.#grantWaiting(queue, context);',
    replace: 'const granted = held && this.#grantWaiting(queue, context);',
  },
  {
    name: 'fence-passes-who-waits',
    rule: 'a fenced write takes effect only while its queue entry holds',
    file: 'src/store/locks/fences.ts',
    find: 'entryAt(queue, index)?.holds === true',
    replace: 'entryAt(queue, index) !== undefined',
  },
  {
    name: 'ended-boot-goes-oldest-first',
    rule: 'the queue entries that a boot leaves behind go one by one, newest first',
    file: 'src/store/locks/boot-attachments.ts',
    find: 'a.entry.index > b.entry.index',
    replace: 'a.entry.index < b.entry.index',
  },
  {
    name: 'stamp-tells-of-a-removed-ttl',
    rule: 'nothing changes a node that was removed, so that a snapshot never holds one by mistake',
    file: 'src/store/keys/deadlines.ts',
    find: 'if (!isAttached(deadline.node)) continue;',
    replace: '',
  },
  {
    name: 'snapshot-forgets-a-removed-directory',
    rule: 'a directory that is removed while a snapshot is read is in it as it was',
    file: 'src/store/keys/tree.ts',
    find: 'this.#snapshot?.walkFrom(node);',
    replace: '',
  },
  {
    name: 'grant-through-an-ended-boot',
    rule: 'nobody who waits through a boot that is over is granted a lock',
    file: 'src/store/locks/lock-commands.ts',
    find: 'if (isAbandoned(next)) return granted;',
    replace: '',
  },
  {
    name: 'join-of-an-abandoned-entry',
    rule: 'a request does not stand in a queue entry that went with an earlier boot',
    file: 'src/store/locks/lock-commands.ts',
    find: 'const joined = this.dropEndedBoots(known, context);',
    replace: 'const joined = known;',
  },
  {
    name: 'ended-boot-settles-a-later-grant',
    rule: 'a request of an ended boot was not told of a grant that came after',
    file: 'src/store/locks/lock-commands.ts',
    find: 'if (isLeftBehind(entry)) this.#attachments.dropEndedBoots(entry);',
    replace: '',
  },
  {
    name: 'ended-boot-goes-at-once',
    rule: 'no entry deals with more than its share of what an ended boot left behind',
    file: 'src/store/locks/locks-part.ts',
    find: 'checked < max',
    replace: 'checked < Number.POSITIVE_INFINITY',
  },
  {
    name: 'restored-boots-are-all-present',
    rule: 'a snapshot tells which requests are of boots that are over',
    file: 'src/store/locks/role-restorer.ts',
    find: 'const isPresent = boot === session.boot.number;',
    replace: 'const isPresent = boot <= session.boot.number;',
  },
  {
    name: 'answers-without-a-bound',
    rule: 'the answers that are remembered for a member are bounded by their length',
    file: 'src/store/sessions/remembered-results.ts',
    find: 'while (this.#units > this.#unitsMax) this.#forgetOldestAnswer();',
    replace: '',
  },
  {
    name: 'forgotten-answer-is-done-again',
    rule: 'a command is not done twice because its answer was forgotten',
    file: 'src/store/sessions/remembered-results.ts',
    find: 'if (result !== undefined) this.#bySequence.set(oldest, withoutAnswer(result));',
    replace: 'if (result !== undefined) this.#bySequence.delete(oldest);',
  },
  {
    name: 'write-forgets-the-snapshot',
    rule: 'a node is saved for a running snapshot before its value changes',
    file: 'src/store/keys/tree.ts',
    find: `    const changed = this.#change(file);
    changed.value = value;
    changed.modifiedIndex`,
    replace: `    const changed = writable(file);
    changed.value = value;
    changed.modifiedIndex`,
  },
  {
    name: 'ttl-forgets-the-snapshot',
    rule: 'a node is saved for a running snapshot before its TTL changes',
    file: 'src/store/keys/deadlines.ts',
    find: 'this.#beforeChange(deadline.node);',
    replace: '',
  },
  {
    name: 'grant-forgets-the-snapshot',
    rule: 'a queue entry is saved for a running snapshot before it holds',
    file: 'src/store/locks/queues.ts',
    find: 'this.#tree.touch(role.node);',
    replace: '',
  },
  {
    name: 'attachment-forgets-the-snapshot',
    rule: 'a queue entry is saved for a running snapshot before a request leaves it',
    file: 'src/store/locks/attachments.ts',
    find: 'this.#tree.touch(node);',
    replace: '',
  },
];
