import type { Command } from 'commander';
import { type ConclaveClient, type MemberSummary, RefusedError } from '../client/index.js';
import { answerWith, writeLine } from './answer-output.js';
import { addClusterOptions, type ClusterOptions, clientOf } from './cluster-options.js';

const listHelp = `
Exit code: 0; 69 no member could serve; 2 usage.

Examples:
  conclave member list
  conclave member list --json`;

const changeCodes = `
Exit code: 0; 1 it was refused; 69 no member could serve; 2 usage.

Examples:`;

const addHelp = `${changeCodes}
  conclave member add n4 http://10.0.0.4:7001`;

const removeHelp = `${changeCodes}
  conclave member remove n4`;

const updateHelp = `${changeCodes}
  conclave member update n4 http://10.0.0.14:7001`;

const replaceHelp = `${changeCodes}
  conclave member replace n3
  conclave member replace n3 http://10.0.0.13:7001`;

const transferHelp = `
Exit code: 0; 1 it was refused; 69 no member could serve; 2 usage.

Examples:
  conclave member transfer n2
  conclave member transfer`;

interface ListFlags extends ClusterOptions {
  readonly json?: boolean;
}

interface AddFlags extends ClusterOptions {
  readonly learner?: boolean;
}

export function addMemberCommands(program: Command): void {
  const member = program
    .command('member')
    .description('list the members, change them, or let another one lead');
  const list = member
    .command('list')
    .description('list the members, and what each of them is')
    .option('--json', 'print JSON, a member on a line');
  addClusterOptions(list).addHelpText('after', listHelp);
  list.action((flags: ListFlags) => answerWith('member list', () => listMembers(flags)));
  const transfer = member
    .command('transfer')
    .description('let another member lead')
    .argument('[name]', 'the member (default: the one whose log is most up to date)');
  addClusterOptions(transfer).addHelpText('after', transferHelp);
  transfer.action((name: string | undefined, flags: ClusterOptions) =>
    answerWith('member transfer', async () => {
      const { from, to } = await clientOf(flags).transferLeadership(name);
      await writeLine(`${to} leads; ${from} has handed over`);
    }),
  );
  addChangeCommands(member);
}

function addChangeCommands(member: Command): void {
  const add = member
    .command('add')
    .description('let a member join; start it with --initial-cluster-state existing then')
    .argument('<name>', 'its --name')
    .argument('<peer-url>', 'where its peers reach it')
    .option('--learner', 'it gets the log, and never votes');
  addClusterOptions(add).addHelpText('after', addHelp);
  add.action((name: string, url: string, flags: AddFlags) =>
    answerWith('member add', async () => {
      const learner = flags.learner === true;
      const id = await clientOf(flags).addMember({ name, peerURLs: [url], learner });
      await writeLine(`added ${name} (${id}); ${startText(name, url, flags)}`);
    }),
  );
  const remove = member
    .command('remove')
    .description('remove a member for good; its process ends')
    .argument('<name>', 'its name or its id');
  addClusterOptions(remove).addHelpText('after', removeHelp);
  remove.action((name: string, flags: ClusterOptions) =>
    answerWith('member remove', async () => {
      const client = clientOf(flags);
      const found = await memberCalled(client, name);
      await client.removeMember(found.id);
      await writeLine(`removed ${labelOf(found)}`);
    }),
  );
  const update = member
    .command('update')
    .description('tell the others where they reach a member from now on')
    .argument('<name>', 'its name or its id')
    .argument('<peer-url>', 'where its peers reach it');
  addClusterOptions(update).addHelpText('after', updateHelp);
  update.action((name: string, url: string, flags: ClusterOptions) =>
    answerWith('member update', async () => {
      const client = clientOf(flags);
      const found = await memberCalled(client, name);
      await client.updateMember(found.id, [url]);
      await writeLine(`${labelOf(found)} is reached at ${url}`);
    }),
  );
  const replace = member
    .command('replace')
    .description('replace a member whose disk is lost by one of its name')
    .argument('<name>', 'its name or its id')
    .argument('[peer-url]', 'where its peers reach the new one (default: as before)');
  addClusterOptions(replace).addHelpText('after', replaceHelp);
  replace.action((name: string, url: string | undefined, flags: ClusterOptions) =>
    answerWith('member replace', () => replaceMember(name, url, flags)),
  );
}

/** The lost one goes first: while it counts, the cluster survives one failure less. */
async function replaceMember(
  name: string,
  url: string | undefined,
  flags: ClusterOptions,
): Promise<void> {
  const client = clientOf(flags);
  const old = await memberCalled(client, name);
  const peerURLs = url === undefined ? old.peerURLs : [url];
  await client.removeMember(old.id);
  const id = await client.addMember({ name: old.name, peerURLs, learner: old.staysLearner });
  const start = startText(old.name, peerURLs.join(','), flags);
  await writeLine(`replaced ${labelOf(old)} by ${id}; ${start}`);
}

async function memberCalled(client: ConclaveClient, name: string): Promise<MemberSummary> {
  const members = await client.members();
  const found = members.find((member) => member.name === name || member.id === name);
  if (found !== undefined) return found;
  const names = members.map((member) => member.name).toSorted();
  const message = `"${name}" is not a member: the members are ${names.join(', ')}`;
  throw new RefusedError(404, { errorCode: undefined, message, detail: '', index: 0 });
}

function labelOf({ name, id }: MemberSummary): string {
  return name === '' ? id : `${name} (${id})`;
}

/** Whoever joins has no password, so where users are asked for it asks at the peer URLs. */
function startText(name: string, url: string, { user }: ClusterOptions): string {
  const whom =
    user === undefined
      ? '--join URL-OF-ANY-MEMBER'
      : `--initial-cluster ${name}=${url},NAME=PEER-URL-OF-EACH-OTHER`;
  return (
    `start it with an empty data directory: conclave server --name ${name} ` +
    `--initial-advertise-peer-urls ${url} --initial-cluster-state existing ${whom} …`
  );
}

async function listMembers(flags: ListFlags): Promise<void> {
  const members = await clientOf(flags).members();
  for (const member of members.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    await writeLine(flags.json === true ? JSON.stringify(member) : lineFor(member));
  }
}

/** As the log and the dashboard have it. */
function roleText(role: string | undefined): string {
  return role === 'preCandidate' ? 'pre-candidate' : (role ?? 'unknown');
}

function lineFor(member: MemberSummary): string {
  const { name, id, role, reachable, version, clientURLs, learner } = member;
  const silent = learner ? 'learner that does not answer' : 'does not answer';
  const state = reachable ? (learner ? 'learner' : roleText(role)) : silent;
  const release = version === undefined ? '' : ` ${version}`;
  return `${name} (${id}): ${state}${release} ${clientURLs.join(',')}`.trim();
}
