import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Essence } from './essence.js';
import { formType, type Question } from './exchange.js';

/** The questions and answers of one scene, with a fresh server. */
export interface Transcript {
  readonly name: string;
  /** The etcd index at its beginning. */
  readonly base: number;
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly type: 'ask'; readonly question: Question; readonly essence: Essence }
  | { readonly type: 'pause'; readonly ms: number };

const format = 1;

export const transcriptPath = new URL('transcripts.ndjson', import.meta.url);

/** One line says what was recorded, then one for each conversation and for each exchange in it. */
export function encodeTranscripts(etcd: string, transcripts: readonly Transcript[]): string {
  const lines: object[] = [{ format, etcd }];
  for (const { name, base, steps } of transcripts) {
    lines.push({ name, base });
    for (const step of steps) lines.push(encodeStep(step));
  }
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
}

export function readTranscripts(): readonly Transcript[] {
  const [head = '', ...lines] = readFileSync(transcriptPath, 'utf8').trimEnd().split('\n');
  const found = JSON.parse(head).format;
  if (found !== format) throw new Error(`the transcripts have format ${found}, not ${format}`);
  const transcripts: { name: string; base: number; steps: Step[] }[] = [];
  for (const line of lines) {
    const parsed: Line | { name: string; base: number } = JSON.parse(line);
    if ('name' in parsed) transcripts.push({ ...parsed, steps: [] });
    else transcripts.at(-1)?.steps.push(decodeStep(parsed));
  }
  return transcripts;
}

type Line =
  | { readonly pause: number }
  | {
      readonly ask: readonly [method: string, target: string, body?: string, type?: string];
      readonly is: readonly [status: number, head: number | Essence['headers'], body: string];
      readonly open?: true;
    };

function encodeStep(step: Step): Line {
  if (step.type === 'pause') return { pause: step.ms };
  const { method, target, body, contentType } = step.question;
  const { status, headers, body: text, open } = step.essence;
  const index = Number(headers['X-Etcd-Index'] ?? Number.NaN);
  const isUsual = isDeepStrictEqual(headers, usualHeaders(status, index));
  const asked = [method, target, body, contentType].filter((part) => part !== undefined);
  const ask = asked as [string, string, string?, string?];
  const is = [status, isUsual ? index : headers, text] as const;
  return open ? { ask, is, open } : { ask, is };
}

function decodeStep(line: Line): Step {
  if ('pause' in line) return { type: 'pause', ms: line.pause };
  const [method, target, body, contentType = formType] = line.ask;
  const question = body === undefined ? { method, target } : { method, target, body, contentType };
  const [status, head, text] = line.is;
  const headers = typeof head === 'number' ? usualHeaders(status, head) : head;
  const essence = { status, headers, body: text, open: line.open === true };
  return { type: 'ask', question, essence };
}

/**
 * The headers that nearly all answers of the keys API have; a number stands for them in a
 * transcript.
 */
function usualHeaders(status: number, index: number): Essence['headers'] {
  const all = {
    'Content-Type': 'application/json',
    'X-Etcd-Cluster-Id': '(hex)',
    'X-Etcd-Index': String(index),
  };
  const raft = { 'X-Raft-Index': '(number)', 'X-Raft-Term': '(number)' };
  return status < 400 ? { ...all, ...raft } : all;
}

/** After so long an answer that goes on counts as open. */
export const openMs = 200;

/** Time that passes in a replay: so much of each pause, and a little with every exchange. */
export function nominalMs(step: Step): number {
  if (step.type === 'pause') return step.ms;
  return step.essence.open ? openMs : 1;
}
