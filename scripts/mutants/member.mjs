export const mutants = [
  {
    name: 'cluster-clock-goes-on',
    rule: 'the cluster clock of a new term goes on from what the log shows, and from nothing else',
    file: 'src/member/cluster-clock.ts',
    find: 'this.#base = clusterTimeMs;',
    replace: 'this.#base = Math.max(clusterTimeMs, this.#now());',
  },
  {
    name: 'failed-command-is-kept',
    rule: 'a command that has failed is dropped, also while no leader is there to take it',
    file: 'src/member/proposals.ts',
    find: 'this.#unsent.delete(proposal);',
    replace: '',
  },
  {
    name: 'unsent-waits-for-ever',
    rule: 'a command that no leader was handed fails in time',
    file: 'src/member/proposals.ts',
    find: 'everSent ? proposal.deadline : proposal.unsentDeadline',
    replace: 'everSent ? proposal.unsentDeadline : proposal.deadline',
  },
  {
    name: 'unbounded-bytes-wait',
    rule: 'the commands that wait at a member are bounded in bytes',
    file: 'src/member/proposals.ts',
    find: 'this.#pendingBytes + bytes > pendingBytesMax',
    replace: 'this.#pendingBytes + bytes > pendingBytesMax * 1024',
  },
  {
    name: 'large-command-never-fits',
    rule: 'a command of any size is taken where nothing waits',
    file: 'src/member/proposals.ts',
    find: 'if (this.#pending.size > 0 && this.#pendingBytes',
    replace: 'if (this.#pendingBytes',
  },
  {
    name: 'freed-bytes-still-count',
    rule: 'what waits no more takes no room',
    file: 'src/member/proposals.ts',
    find: 'this.#pendingBytes -= proposal.bytes.length;',
    replace: '',
  },
  {
    name: 'idle-member-is-silent',
    rule: 'a member that has become idle says that the results of its commands are settled',
    file: 'src/member/submissions.ts',
    find: 'return this.#leader !== undefined && this.#proposals.mustTellSettled(settleIdleMs);',
    replace: 'return settleIdleMs < 0;',
  },
  {
    name: 'settling-never-ends',
    rule: 'the command that says what is settled does not ask for another',
    file: 'src/member/proposals.ts',
    find: `return type !== 'attend' && type !== 'register';`,
    replace: `return type !== 'register';`,
  },
  {
    name: 'answer-of-another-term',
    rule: 'an answer counts only in the term that it was asked in',
    file: 'src/member/submissions.ts',
    find: 'leader?.leaderId === from && leader.term === term;',
    replace: 'leader?.leaderId === from && term > 0;',
  },
  {
    name: 'answer-of-anybody',
    rule: 'only the leader that was asked is heard',
    file: 'src/member/submissions.ts',
    find: 'leader?.leaderId === from && leader.term === term;',
    replace: 'from.length > 0 && leader?.term === term;',
  },
  {
    name: 'answer-to-an-earlier-boot',
    rule: 'an answer to an earlier boot is no answer to this one',
    file: 'src/member/submissions.ts',
    find: 'return boot === this.#boot && leader?.leaderId',
    replace: 'return boot >= 0 && leader?.leaderId',
  },
  {
    name: 'accepted-is-forgotten',
    rule: 'a command that was accepted is asked for again until its result is seen',
    file: 'src/member/proposals.ts',
    find: `(whereabouts === 'accepted' && now - sentAt >= acceptedMs)`,
    replace: `(whereabouts === 'accepted' && now - sentAt >= acceptedMs * 1000)`,
  },
  {
    name: 'leader-answers-for-any-term',
    rule: 'a leader answers for no term but its own',
    file: 'src/member/submissions.ts',
    find: 'return this.#leader?.isSelf === true && this.#leader.term === term;',
    replace: 'return this.#leader?.isSelf === true && term >= 0;',
  },
  {
    name: 'applied-is-appended-again',
    rule: 'a command that the leader has applied is not put into the log again',
    file: 'src/member/submissions.ts',
    find: 'return this.#stateMachine.resultOf(memberId, boot, sequence) !== undefined;',
    replace: 'return this.#stateMachine.resultOf(memberId, boot, sequence + 1) !== undefined;',
  },
  {
    name: 'under-way-outlives-its-term',
    rule: 'what a leader had under way in an earlier term may be lost, and is put into the log again',
    file: 'src/member/submissions.ts',
    find: 'this.#underWay.clear();',
    replace: '',
  },
  {
    name: 'served-before-the-term-is-seen',
    rule: 'the clock of a term is set before a command is stamped in it',
    file: 'src/member/driver.ts',
    find: `    for (const notice of notices) {
      this.#take(notice);
      this.#observeLeader();
    }
`,
    replace: `    for (const notice of notices) this.#take(notice);
    this.#observeLeader();
`,
  },
  {
    name: 'ttls-end-at-an-older-noop',
    rule: 'a leader ends TTLs only once it has applied the first entry of its own term',
    file: 'src/member/submissions.ts',
    find: `if (role !== 'leader' || noopTerm !== currentTerm) return;`,
    replace: `if (role !== 'leader' || noopTerm > currentTerm) return;`,
  },
];
