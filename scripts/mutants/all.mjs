import { mutants as auth } from './auth.mjs';
import { mutants as backup } from './backup.mjs';
import { mutants as bootstrap } from './bootstrap.mjs';
import { mutants as cli } from './cli.mjs';
import { mutants as lock } from './lock.mjs';
import { mutants as member } from './member.mjs';
import { mutants as members } from './members.mjs';
import { mutants as proposals } from './proposals.mjs';
import { mutants as raft } from './raft.mjs';
import { mutants as storage } from './storage.mjs';
import { mutants as store } from './store.mjs';
import { mutants as tls } from './tls.mjs';
import { mutants as transport } from './transport.mjs';

/**
 * @typedef {object} Rule
 * @property {string} name
 * @property {string} rule what holds, in words
 * @property {string} file
 * @property {string} find stands once in the file
 * @property {string} replace
 */

/** @typedef {Rule & {tests: readonly string[]}} Mutant */

/**
 * The rules that are broken here, by their subject, and the unit tests that may notice.
 * @type {Readonly<Record<string, [rules: readonly Rule[], tests: readonly string[]]>>}
 */
const parts = {
  raft: [[...raft, ...members], ['test/raft']],
  store: [store, ['test/store']],
  member: [[...member, ...proposals], ['test/member']],
  lock: [lock, ['test/lock']],
  cli: [cli, ['test/cli/turn.test.ts']],
  transport: [transport, ['test/transport']],
  storage: [storage, ['test/storage']],
  backup: [
    backup,
    ['test/backup', 'test/member/backups.test.ts', 'test/store/new-cluster.test.ts'],
  ],
  bootstrap: [bootstrap, ['test/bootstrap']],
  tls: [tls, ['test/tls', 'test/http/server/revoked-clients.test.ts']],
  auth: [auth, ['test/store/auth', 'test/service', 'test/http/access']],
};
/** @type {readonly Mutant[]} */
export const mutants = Object.values(parts).flatMap(([rules, tests]) =>
  rules.map((rule) => ({ ...rule, tests })),
);
