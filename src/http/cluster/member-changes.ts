import { randomBytes } from 'node:crypto';
import { assertNever } from '../../assert.js';
import { type MemberId, memberId } from '../../ids.js';
import { UnavailableError } from '../../member/coordinator.js';
import { failure, ok, type Result } from '../../result.js';
import type { ServiceContext } from '../../service/service-context.js';
import type { MembersChange, MembersRefusal, NewMember } from '../../view/members-change.js';
import { jsonType, plainHead, type TextResponse, textResponse } from '../server/api-response.js';
import { messageReply, type PageRequest } from './json-page.js';
import { knownMembers, memberJson } from './known-members.js';

const nameLengthMax = 128;
const urlLengthMax = 512;
const urlsMax = 8;

/** As etcd's, with two fields more: the name that it will have, and whether it never votes. */
interface MemberForm {
  readonly peerUrls: readonly string[];
  readonly name: string;
  readonly staysLearner: boolean;
}

/** `POST /v2/members` */
export async function addMember(
  context: ServiceContext,
  request: PageRequest,
): Promise<TextResponse> {
  const form = await readForm(context, request);
  if (!form.ok) return form.error;
  const member: NewMember = {
    memberId: memberId(randomBytes(8).toString('hex')),
    ...form.value,
  };
  const changed = await change(context, { type: 'add', member });
  if (!changed.ok) return refusalReply(context, changed.error, member.memberId);
  const content = memberJson({ ...member, clientUrls: [], isLearner: true });
  return textResponse(201, jsonType, `${JSON.stringify(content)}\n`, clusterHeader(context));
}

/** `PUT /v2/members/ID`: where its peers reach it. */
export async function updateMember(
  context: ServiceContext,
  request: PageRequest,
): Promise<TextResponse> {
  const id = idOf(request.name);
  if (id === undefined) return noSuchMember(context, request.name);
  const form = await readForm(context, request);
  if (!form.ok) return form.error;
  const { peerUrls } = form.value;
  const changed = await change(context, { type: 'update', memberId: id, peerUrls });
  return changed.ok ? noContent(context) : refusalReply(context, changed.error, id);
}

/** `DELETE /v2/members/ID` */
export async function removeMember(
  context: ServiceContext,
  { name }: PageRequest,
): Promise<TextResponse> {
  const id = idOf(name);
  if (id === undefined) return noSuchMember(context, name);
  const changed = await change(context, { type: 'remove', memberId: id });
  return changed.ok ? noContent(context) : refusalReply(context, changed.error, id);
}

/** Whoever asks this member next, as etcdctl does at once, sees the change. */
async function change(
  { coordinator, requestTimeoutMs }: ServiceContext,
  wanted: MembersChange,
): Promise<Result<undefined, MembersRefusal>> {
  const changed = await coordinator.changeMembers(wanted, requestTimeoutMs);
  if (!changed.ok) return changed;
  try {
    await coordinator.readBarrier(requestTimeoutMs);
  } catch (error) {
    // It is made all the same, also where this member was the one to go.
    if (!(error instanceof UnavailableError)) throw error;
  }
  return changed;
}

/** As in etcd, leading zeros may be missing. */
function idOf(text: string): MemberId | undefined {
  return /^[0-9a-f]{1,16}$/i.test(text)
    ? memberId(text.toLowerCase().padStart(16, '0'))
    : undefined;
}

async function readForm(
  context: ServiceContext,
  { contentType, readBody }: PageRequest,
): Promise<Result<MemberForm, TextResponse>> {
  const type = contentType.replace(/;.*/, '').trim();
  if (type !== jsonType) {
    const message = `Bad Content-Type ${type}, accept ${jsonType}`;
    return failure(messageReply(context, 415, message));
  }
  const form = formOf(await readBody());
  return form.ok ? form : failure(messageReply(context, 400, form.error));
}

function formOf(body: string): Result<MemberForm, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return failure('the body is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null) return failure('the body is not an object');
  const fields: Readonly<Record<string, unknown>> = { ...parsed };
  const { peerURLs: urls, name = '', learner = false } = fields;
  if (!Array.isArray(urls) || urls.length === 0) return failure('no valid URLs given');
  if (urls.length > urlsMax) return failure(`more than ${urlsMax} URLs`);
  const fault = urls.map(urlFault).find((each) => each !== undefined);
  if (fault !== undefined) return failure(fault);
  if (typeof name !== 'string' || name.length > nameLengthMax || /[\s,/=]/.test(name)) {
    return failure(`a name has up to ${nameLengthMax} characters, and no blank , / or =`);
  }
  if (typeof learner !== 'boolean') return failure('learner is true or false');
  return ok({ peerUrls: urls.map(String), name, staysLearner: learner });
}

/** In etcd's words, where it has them. */
function urlFault(url: unknown): string | undefined {
  if (typeof url !== 'string' || url.length > urlLengthMax || !URL.canParse(url)) {
    return `"${String(url).slice(0, urlLengthMax)}" is no URL, such as http://10.0.0.4:7001`;
  }
  const { protocol, pathname } = new URL(url);
  if (!/^https?:$/.test(protocol)) return `URL scheme must be http or https: ${url}`;
  if (!/:\d+(?:\/|$)/.test(url)) return `URL address does not have the form "host:port": ${url}`;
  return pathname === '/' && !url.endsWith('/') ? undefined : `URL must not contain a path: ${url}`;
}

function refusalReply(
  context: ServiceContext,
  { reason, missing }: MembersRefusal,
  id: MemberId,
): TextResponse {
  switch (reason) {
    case 'exists':
      return messageReply(context, 409, 'membership: ID exists');
    case 'urlTaken':
      return messageReply(context, 409, 'membership: peerURL exists');
    case 'nameTaken':
      return messageReply(context, 409, 'another member has this name');
    case 'tooMany':
      return messageReply(context, 409, 'the cluster has no room for another member');
    case 'unknown':
      return noSuchMember(context, id);
    case 'removed':
      return messageReply(context, 410, `Member permanently removed: ${id}`);
    case 'lastVoter':
      return messageReply(context, 409, 'it is the only voter: nobody could write without it');
    case 'unsafe':
      return messageReply(context, 409, unsafeText(context, missing));
    case 'noLeader':
      return unavailable(context, 'no leader made the change in time: nothing has changed');
    case 'notConfirmed':
      return unavailable(context, 'the change was not confirmed in time: it may still be made');
    default:
      return assertNever(reason);
  }
}

function unsafeText(context: ServiceContext, missing: readonly MemberId[]): string {
  const members = knownMembers(context);
  const nameOf = (id: MemberId) => members.find(({ memberId }) => memberId === id)?.name ?? id;
  const names = missing.map(nameOf).join(' and ');
  const verb = missing.length === 1 ? 'does' : 'do';
  return `without it too few voters would be left that answer: ${names} ${verb} not`;
}

function noSuchMember(context: ServiceContext, id: string): TextResponse {
  return messageReply(context, 404, `No such member: ${id}`);
}

function unavailable(context: ServiceContext, message: string): TextResponse {
  const { headers, ...reply } = messageReply(context, 503, message);
  return { ...reply, headers: { ...headers, 'Retry-After': 1 } };
}

function noContent(context: ServiceContext): TextResponse {
  return plainHead(204, clusterHeader(context));
}

function clusterHeader({ coordinator }: ServiceContext): Readonly<Record<string, string>> {
  return { 'X-Etcd-Cluster-Id': coordinator.status().clusterId };
}
