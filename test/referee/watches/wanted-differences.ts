import { isHidden } from '../../../src/command/path.js';
import type { Told } from './essence.js';

/** Where Conclave's watches are to be other than etcd's. Nothing else may differ. */
export interface WantedDifference {
  readonly what: string;
  readonly why: string;
}

export const repeatedRemovals: WantedDifference = {
  what: 'etcd tells a stream of the removal of its own key twice; Conclave once',
  why: 'one event is one line: who counts removals, or pairs them with creations, is not led astray',
};

export const streamsFromThePast: WantedDifference = {
  what: 'etcd ends a stream that begins in the past, in silence, after one event; Conclave tells all and goes on',
  why: 'a client that resumes a stream would wait for ever, and never know what it misses',
};

export const hiddenPast: WantedDifference = {
  what: 'etcd shows hidden keys to recursive watches that begin in the past; Conclave does not',
  why: 'what a watch is told must not depend on whether it asked in time; and each lock would be an event in everybody’s past',
};

export const namesakes: WantedDifference = {
  what: 'etcd tells a watch of /foobar that begins in the past of the removal of the directory /foo',
  why: 'a name that begins alike is another key',
};

export const wantedDifferences: readonly WantedDifference[] = [
  repeatedRemovals,
  streamsFromThePast,
  hiddenPast,
  namesakes,
];

/** Whether what was told here is what etcd told there, but for the differences that are wanted. */
export function agrees(target: string, theirs: Told, ours: Told): boolean {
  const { path, recursive, stream } = parseWatch(target);
  if (ours.status !== theirs.status || !sameText(ours.headers, theirs.headers)) return false;
  const lines = theirs.lines.filter((line, at) => theirs.lines.indexOf(line) === at);
  const past = pastEvent(theirs);
  if (past !== undefined) {
    const { key } = past.node;
    const isNamesake = key !== path && !isUnder(key, path) && !isUnder(path, key);
    if (isNamesake || (recursive && key !== path && isHidden(path, key))) return true;
    if (stream) return sameText(ours.lines.slice(0, lines.length), lines) && !ours.ended;
  }
  return ours.ended === theirs.ended && sameText(ours.lines, lines);
}

interface ToldEvent {
  readonly node: { readonly key: string; readonly modifiedIndex: number };
}

/** The event that was over when the watch began. */
function pastEvent({ status, lines, headers }: Told): ToldEvent | undefined {
  const [first] = lines;
  if (status !== 200 || first === undefined) return undefined;
  const event = JSON.parse(first) as ToldEvent;
  return event.node.modifiedIndex <= Number(headers['x-etcd-index']) ? event : undefined;
}

function parseWatch(target: string) {
  const { pathname, searchParams } = new URL(target, 'http://localhost');
  const path = pathname === '/' ? '/' : pathname.replace(/\/$/, '');
  return {
    path,
    recursive: searchParams.get('recursive') === 'true',
    stream: searchParams.get('stream') === 'true',
  };
}

function isUnder(path: string, directory: string): boolean {
  return directory === '/' || path.startsWith(`${directory}/`);
}

function sameText(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
