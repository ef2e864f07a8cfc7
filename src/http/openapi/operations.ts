import { electionParameters } from '../modules/election.js';
import { ofList, ofRead } from '../modules/known-parameters.js';
import { lockParameters } from '../modules/lock.js';
import { keyParameters, moduleParameters, type Parameter } from './parameters.js';
import { reference, type Schema, type schemas } from './schemas.js';

/** The bodies of an answer, by their media types; undefined for an empty one. */
type Content = Readonly<Record<string, Schema>> | undefined;

export interface Operation {
  readonly path: string;
  readonly method: 'get' | 'put' | 'post' | 'delete';
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly required: readonly string[];
  /** In place of a form, where the route takes JSON. */
  readonly body?: keyof typeof schemas;
  /** By status. */
  readonly answers: Readonly<Record<string, Content>>;
}

const json = (name: keyof typeof schemas): Content => ({ 'application/json': reference(name) });
const text: Content = { 'text/plain': { type: 'string' } };
const index: Content = { 'text/plain': { type: 'string', pattern: '^[0-9]*$' } };
const empty: Content = { 'text/plain': { const: '' } };
const stream: Content = { 'text/event-stream': { type: 'string' } };
const anything: Content = { 'application/json': { type: 'object' } };
const refused = json('Error');
/** Bytes have no schema. */
const file: Content = { 'application/octet-stream': {} };

const keyPath = '/v2/keys/{path}';

const keys: readonly Operation[] = [
  {
    ...{ path: keyPath, method: 'get', summary: 'Read a key or a directory, or wait for a change' },
    ...{ parameters: keyParameters('ofRead'), required: [] },
    answers: { 200: json('Event'), default: refused },
  },
  {
    ...{ path: keyPath, method: 'put', summary: 'Write a key, or create a directory' },
    ...{ parameters: keyParameters('ofPut'), required: [] },
    answers: { 200: json('Event'), 201: json('Event'), default: refused },
  },
  {
    ...{
      path: keyPath,
      method: 'post',
      summary: 'Create a key in a directory, named by its index',
    },
    ...{ parameters: keyParameters('ofPost'), required: [] },
    answers: { 201: json('Event'), default: refused },
  },
  {
    ...{ path: keyPath, method: 'delete', summary: 'Remove a key or a directory' },
    ...{ parameters: keyParameters('ofDelete'), required: [] },
    answers: { 200: json('Event'), default: refused },
  },
];

const shown: Content = { ...text, ...json('Lock'), ...stream };
const listed: Content = { ...text, ...json('LockPage') };

function read(path: string, what: string): readonly Operation[] {
  return [
    {
      ...{
        path: `${path}/{name}`,
        method: 'get',
        summary: `Show who ${what}, or wait for a change`,
      },
      ...{ parameters: moduleParameters(ofRead), required: [] },
      answers: { 200: shown, 403: refused, default: refused },
    },
    {
      ...{ path: `${path}/`, method: 'get', summary: 'List the names that are in use' },
      ...{ parameters: moduleParameters(ofList), required: [] },
      answers: { 200: listed, default: refused },
    },
  ];
}

const lockPath = '/mod/v2/lock';
const leaderPath = '/mod/v2/leader';

const modules: readonly Operation[] = [
  {
    ...{
      path: `${lockPath}/{name}`,
      method: 'post',
      summary: 'Acquire a lock, and tell the index',
    },
    ...{ parameters: moduleParameters(lockParameters['POST'] ?? []), required: ['ttl'] },
    answers: { 200: index, default: refused },
  },
  {
    ...{ path: `${lockPath}/{name}`, method: 'put', summary: 'Renew a lock' },
    ...{ parameters: moduleParameters(lockParameters['PUT'] ?? []), required: ['ttl'] },
    answers: { 200: empty, default: refused },
  },
  {
    ...{
      path: `${lockPath}/{name}`,
      method: 'delete',
      summary: 'Release a lock, or leave its queue',
    },
    ...{ parameters: moduleParameters(lockParameters['DELETE'] ?? []), required: [] },
    answers: { 200: empty, default: refused },
  },
  ...read(lockPath, 'holds a lock'),
  {
    ...{ path: `${leaderPath}/{name}`, method: 'put', summary: 'Campaign, or renew a leadership' },
    ...{ parameters: moduleParameters(electionParameters['PUT'] ?? []), required: ['ttl'] },
    answers: { 200: index, default: refused },
  },
  {
    ...{ path: `${leaderPath}/{name}`, method: 'delete', summary: 'Resign, or withdraw' },
    ...{ parameters: moduleParameters(electionParameters['DELETE'] ?? []), required: [] },
    answers: { 200: empty, default: refused },
  },
  ...read(leaderPath, 'leads'),
];

function page(path: string, summary: string, answers: Operation['answers']): Operation {
  return { path, method: 'get', summary, parameters: [], required: [], answers };
}

const memberPath = '/v2/members/{id}';

const memberChanges: readonly Operation[] = [
  {
    ...{ path: '/v2/members', method: 'post', summary: 'Let a member join, as a learner' },
    ...{ parameters: [], required: [], body: 'MemberToAdd' },
    answers: { 201: json('Member'), default: json('Message') },
  },
  {
    ...{ path: memberPath, method: 'put', summary: 'Tell where the others reach a member' },
    ...{ parameters: [], required: [], body: 'MemberToMove' },
    answers: { 204: undefined, default: json('Message') },
  },
  {
    ...{ path: memberPath, method: 'delete', summary: 'Remove a member for good' },
    ...{ parameters: [], required: [] },
    answers: { 204: undefined, default: json('Message') },
  },
];

const pages: readonly Operation[] = [
  ...memberChanges,
  page('/v2/members', 'List the members', { 200: json('Members') }),
  page('/v2/members/leader', 'Show the leader', { 200: json('Member'), 503: json('Message') }),
  page('/v2/machines', 'List the client addresses', { 200: text }),
  page('/v2/leader', "Show the leader's peer address", { 200: text, 503: text }),
  page('/v2/stats/self', 'Show this member', { 200: anything, default: refused }),
  page('/v2/stats/leader', 'Show the followers', { 200: anything, 403: json('Message') }),
  page('/v2/stats/store', 'Count operations on keys', { 200: anything }),
  page('/v2/stats/cluster', 'Show the cluster as this member sees it', { 200: anything }),
  page('/v2/stats/history', 'Show the last hour of this member', { 200: anything }),
  page('/version', 'Show the versions', { 200: json('Version') }),
  page('/health', "Tell whether the cluster serves this member's clients", {
    200: { 'text/plain': reference('Health') },
    503: { 'text/plain': reference('Health') },
  }),
  page('/livez', 'Tell whether the process answers', { 200: text, 503: text }),
  page('/readyz', 'Tell whether the cluster serves clients', { 200: text, 503: text }),
  page('/metrics', 'Tell Prometheus all measurements', { 200: text }),
  page('/v2/admin/backup', 'Download a backup of the cluster', { 200: file, default: refused }),
];

const to: Parameter = {
  name: 'to',
  description: 'the name or the id of the member; without it, the most up-to-date one',
  schema: { type: 'string' },
};

const administration: readonly Operation[] = [
  {
    path: '/v2/admin/transfer-leadership',
    method: 'post',
    summary: 'Let another member lead',
    ...{ parameters: [to], required: [] },
    answers: { 200: json('Transfer'), default: json('Message') },
  },
];

export const operations: readonly Operation[] = [...keys, ...modules, ...pages, ...administration];
