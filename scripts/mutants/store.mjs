export const mutants = [
  {
    name: 'renewal-grants-next',
    rule: 'a renewal by the holder grants nothing to the next',
    file: 'src/store/lock-commands.ts',
    find: `    this.#renewPlace(place, command.ttlMs, moment);
    return this.#placed(place);`,
    replace: `    this.#renewPlace(place, command.ttlMs, moment);
    if (place.behind !== undefined) this.#listeners.placeChanged(place.behind, 'granted');
    if (place.behind !== undefined) this.remove(place, 'delete', moment);
    return this.#placed(place);`,
  },
  {
    name: 'expiry-without-renewal-check',
    rule: 'an expiry has no effect when a renewal was ordered before it',
    file: 'src/store/time-commands.ts',
    find: 'if (node.deadline === undefined || node.deadline.renewal !== command.renewal) return false;',
    replace: 'if (node.deadline === undefined) return false;',
  },
  {
    name: 'expiry-of-another-term',
    rule: 'a leader that is none any more expires nothing',
    file: 'src/store/time-commands.ts',
    find: 'if (node instanceof Refusal || command.term !== moment.term) return false;',
    replace: 'if (node instanceof Refusal) return false;',
  },
  {
    name: 'results-not-in-snapshot',
    rule: 'the memory of applied commands is part of a snapshot',
    file: 'src/store/snapshot-records.ts',
    find: 'remembered.push({ memberId, sequence, result });',
    replace: 'if (sequence < 0) remembered.push({ memberId, sequence, result });',
  },
  {
    name: 'no-memory-of-applied',
    rule: 'a command that is applied twice has one effect',
    file: 'src/store/commands.ts',
    find: `if (admission.type === 'duplicate') return admission.result;`,
    replace: `if (admission.type === 'duplicate') return this.#run(command, undefined, moment);`,
  },
  {
    name: 'ttl-from-proposal',
    rule: 'a TTL runs from the apply, not from the proposal',
    file: 'src/store/state-machine.ts',
    find: 'const moment = { index: entry.index, term: entry.term, now, clusterTimeMs };',
    replace:
      'const late = Math.max(0, now - 40); const moment = { index: entry.index, term: entry.term, now: late, clusterTimeMs };',
  },
  {
    name: 'one-holder-too-many',
    rule: 'no more places hold together than the limit allows',
    file: 'src/store/queues.ts',
    find: 'return holders < limit ||',
    replace: 'return holders <= limit ||',
  },
  {
    name: 'readers-stay-behind-a-writer-that-left',
    rule: 'a writer that gives up between readers lets those behind it hold',
    file: 'src/store/lock-commands.ts',
    find: 'const granted = this.#grantWaiting(queue, moment);',
    replace: 'const granted = held && this.#grantWaiting(queue, moment);',
  },
  {
    name: 'fence-passes-who-waits',
    rule: 'a fenced write takes effect only while its place holds',
    file: 'src/store/fences.ts',
    find: 'placeAt(queue, index)?.holds === true',
    replace: 'placeAt(queue, index) !== undefined',
  },
  {
    name: 'abandon-oldest-first',
    rule: 'of the places that a boot leaves behind none is granted on the way out',
    file: 'src/store/attachments.ts',
    find: 'sort((a, b) => b.index - a.index)',
    replace: 'sort((a, b) => a.index - b.index)',
  },
  {
    name: 'stamp-tells-of-a-removed-ttl',
    rule: 'nothing changes a node that was removed, so that a snapshot never holds one by mistake',
    file: 'src/store/deadlines.ts',
    find: 'if (!isAttached(deadline.node)) continue;',
    replace: '',
  },
  {
    name: 'snapshot-forgets-a-removed-directory',
    rule: 'a directory that is removed while a snapshot is read is in it as it was',
    file: 'src/store/tree.ts',
    find: 'this.#keeper?.adopt(node);',
    replace: '',
  },
];
