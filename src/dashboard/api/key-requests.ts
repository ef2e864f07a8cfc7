import { Fields } from './fields.js';
import { type Answer, ask, pathOf } from './request.js';

/** A key or a folder as of some index. */
export interface KeyNode {
  /** From the root, with a leading slash. */
  readonly key: string;
  readonly isFolder: boolean;
  /** Empty for a folder. */
  readonly value: string;
  readonly createdIndex: number;
  readonly modifiedIndex: number;
  /** On the page's clock; undefined without a TTL. */
  readonly expiresAt: number | undefined;
}

export interface Listing {
  readonly node: KeyNode;
  /** In order; empty for a key. */
  readonly children: readonly KeyNode[];
  /** Includes all events up to this index. */
  readonly etcdIndex: number;
}

export interface KeyEvent {
  readonly action: string;
  readonly node: KeyNode;
}

/** @throws {ApiError} */
export async function readKey(
  path: string,
  hidden: boolean,
  signal: AbortSignal,
): Promise<Listing> {
  const query = hidden ? { sorted: 'true', hidden: 'true' } : { sorted: 'true' };
  const { body, etcdIndex } = await ask({ method: 'GET', path: keyPath(path), query, signal });
  const fields = new Fields(body, 'the answer').object('node');
  return { node: nodeOf(fields), children: fields.list('nodes', nodeOf), etcdIndex };
}

/** The condition of a write, so that it overwrites only what its author has seen. */
export type Guard = { readonly prevIndex: number } | { readonly prevExist: boolean };

export interface KeyWrite {
  readonly path: string;
  readonly value: string;
  /** Undefined: no TTL. */
  readonly ttlSeconds: number | undefined;
  readonly guard: Guard;
}

/** @throws {ApiError} */
export async function writeKey({ path, value, ttlSeconds, guard }: KeyWrite): Promise<KeyNode> {
  return await put(path, { ...guardFields(guard), ...ttlField(ttlSeconds), value });
}

/** @throws {ApiError} */
export async function createFolder(path: string, ttlSeconds: number | undefined): Promise<KeyNode> {
  return await put(path, { dir: 'true', prevExist: 'false', ...ttlField(ttlSeconds) });
}

/** @throws {ApiError} */
export async function setFolderTtl(path: string, ttlSeconds: number | undefined): Promise<KeyNode> {
  return await put(path, { dir: 'true', prevExist: 'true', ttl: String(ttlSeconds ?? '') });
}

/** Deletes a key only if it is unchanged, a folder with everything in it. @throws {ApiError} */
export async function deleteKey(node: KeyNode): Promise<void> {
  const query = deletionOf(node);
  await ask({ method: 'DELETE', path: keyPath(node.key), query, signal: unhurried });
}

/** The parameters of that deletion. */
export function deletionOf(node: KeyNode): Readonly<Record<string, string>> {
  return node.isFolder
    ? { dir: 'true', recursive: 'true' }
    : { prevIndex: String(node.modifiedIndex) };
}

export function keyPath(path: string): string {
  return pathOf('v2/keys', path);
}

export function eventOf(body: unknown): KeyEvent {
  const fields = new Fields(body, 'the event');
  return { action: fields.text('action'), node: nodeOf(fields.object('node')) };
}

/** A write is not aborted when its dialog closes: its effect would be unknown. */
const unhurried = new AbortController().signal;

async function put(path: string, form: Readonly<Record<string, string>>): Promise<KeyNode> {
  const question = { method: 'PUT', path: keyPath(path), form, signal: unhurried } as const;
  const answer: Answer = await ask(question);
  return nodeOf(new Fields(answer.body, 'the answer').object('node'));
}

function guardFields(guard: Guard): Readonly<Record<string, string>> {
  return 'prevIndex' in guard
    ? { prevIndex: String(guard.prevIndex) }
    : { prevExist: String(guard.prevExist) };
}

function ttlField(ttlSeconds: number | undefined): Readonly<Record<string, string>> {
  return ttlSeconds === undefined ? {} : { ttl: String(ttlSeconds) };
}

function nodeOf(fields: Fields): KeyNode {
  const ttl = fields.optionalNumber('ttl');
  return {
    key: fields.optionalText('key') ?? '/',
    isFolder: fields.flag('dir'),
    value: fields.optionalText('value') ?? '',
    createdIndex: fields.optionalNumber('createdIndex') ?? 0,
    modifiedIndex: fields.optionalNumber('modifiedIndex') ?? 0,
    expiresAt: ttl === undefined ? undefined : performance.now() + ttl * 1000,
  };
}
