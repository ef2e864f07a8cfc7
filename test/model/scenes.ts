import { any, bare } from './bounds.js';
import { copied, election, granted, type Scene } from './scene.js';

/**
 * The leader of term 1 has promoted e, and only e knows. The leader of term 2 has what it needs to
 * change the members as well, but for an entry of its own term that is committed. Then all but one
 * of the votes are given that make the first of them the leader of term 3.
 */
const changeOfTermOne: readonly string[] = [
  'a times out',
  ...granted('a', ['b', 'c']),
  ...['b', 'c'].flatMap((follower) => copied('a', follower)),
  'a addLearner e',
  ...['b', 'c'].flatMap((follower) => copied('a', follower)),
  'c gets CommitNotice from a',
  ...copied('a', 'e'),
  ...copied('a', 'e'),
  ...copied('a', 'e'),
  'a promote e',
  'e gets AppendEntriesRequest from a',
  'a crash',
  ...['b times out', 'c times out'],
  ...granted('c', ['b', 'd']),
  ...copied('c', 'b'),
  ...['a times out', 'a gets PreVoteResponse (refused) from d', 'a times out'],
  ...['d', 'e'].map((voter) => `a gets PreVoteResponse (granted) from ${voter}`),
  ...['d', 'e'].map((voter) => `${voter} gets RequestVoteRequest from a`),
  'a gets RequestVoteResponse (granted) from d',
];

/** Each is explored whole within seconds. */
export const smallScenes: readonly Scene[] = [
  {
    name: 'votes',
    about: 'the first election, while the disk of a voter is slow and a member crashes',
    bounds: { ...bare, slowDisks: ['b'], crashesMax: 1 },
    script: [],
  },
  {
    name: 'slow-follower',
    about: 'a leader appends, while the disk of a follower is slow and a member crashes',
    bounds: { ...bare, indexMax: 2, slowDisks: ['b'], crashesMax: 1 },
    script: election('a', 'b', ['b']),
  },
  {
    name: 'slow-leader',
    about: 'a leader appends, while its own disk is slow and a member crashes',
    bounds: { ...bare, indexMax: 2, slowDisks: ['a'], crashesMax: 1 },
    script: election('a', 'b', ['a']),
  },
  {
    name: 'snapshots',
    about: 'members take snapshots, one needs that of its leader, and one crashes',
    bounds: { ...bare, indexMax: 2, compactionsMax: 1, crashesMax: 1 },
    script: [...election('a', 'b', []), ...copied('a', 'b')],
  },
  {
    name: 'two-removals',
    about: 'a leader has removed one member and then the other, and appends',
    bounds: { ...bare, termMax: 2, indexMax: 4, changesMax: 2 },
    script: [
      ...election('a', 'b', []),
      ...copied('a', 'b'),
      'a remove c',
      ...copied('a', 'b'),
      'a remove b',
      ...copied('a', 'b'),
    ],
  },
];

/** Each of them takes minutes. */
export const largeScenes: readonly Scene[] = [
  {
    name: 'appends',
    about: 'a leader appends, and its connections break',
    bounds: { ...bare, indexMax: 3, breaksMax: 1 },
    script: election('a', 'b', []),
  },
  {
    name: 'longer-log',
    about: 'a leader of term 1 has more entries than that of term 2, and nobody else has them',
    bounds: { ...bare, termMax: 3, indexMax: 2, crashesMax: 1 },
    script: [...election('a', 'b', []), 'a propose', 'a crash', ...election('b', 'c', [])],
  },
  {
    name: 'figure-8',
    about:
      'the leader of term 3 brings round an entry of term 1, and one of term 2 is elsewhere (Raft, figure 8)',
    bounds: { ...bare, termMax: 4, crashesMax: 2 },
    script: [
      ...election('a', 'b', []),
      'a crash',
      ...election('b', 'c', []),
      'b crash',
      'a times out',
      'a gets PreVoteResponse (refused) from c',
      ...election('a', 'c', []),
      'c gets AppendEntriesRequest from a',
      'a gets AppendEntriesResponse from c',
      'c gets AppendEntriesRequest from a',
      'b times out',
      'b gets PreVoteResponse (refused) from c',
      'b times out',
    ],
  },
  {
    name: 'transfer',
    about: 'a leader hands over while it appends',
    bounds: { ...bare, termMax: 2, indexMax: 2, transfersMax: 1 },
    script: [...election('a', 'b', []), ...copied('a', 'b')],
  },
  {
    name: 'members',
    about: 'a member joins, is promoted, and any member is removed',
    bounds: { ...bare, joiners: ['d'], termMax: 2, changesMax: 2 },
    script: [...election('a', 'b', []), ...copied('a', 'b')],
  },
  {
    name: 'learner',
    about: 'two voters and a learner, while one of them crashes',
    bounds: {
      ...{ ...bare, voters: ['a', 'b'], joiners: ['c'] },
      ...{ termMax: 2, indexMax: 2, changesMax: 2, crashesMax: 1 },
    },
    script: [...election('a', 'b', []), ...copied('a', 'b'), 'a addLearner c'],
  },
  {
    name: 'leader-removed',
    about: 'a leader removes itself, and appends',
    bounds: { ...bare, termMax: 2, indexMax: 3, changesMax: 1 },
    script: [...election('a', 'b', []), ...copied('a', 'b'), 'a remove a'],
  },
  {
    name: 'two-configurations',
    about: 'leaders of two terms each make a change from the same configuration of four',
    bounds: {
      ...{ ...bare, voters: ['a', 'b', 'c', 'd'], joiners: ['e'] },
      ...{ termMax: 3, changesMax: 3, crashesMax: 1 },
    },
    script: changeOfTermOne,
  },
  {
    name: 'two-terms',
    about: 'two terms from the first start on, with heartbeats and a command',
    bounds: { ...bare, termMax: 2, indexMax: 2, heartbeatsMax: any },
    script: [],
  },
];
