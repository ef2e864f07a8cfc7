import { readdirSync, readFileSync } from 'node:fs';
import type { Answer, Question } from './exchange.js';

/** The server that a scene is played with. */
export interface Partner {
  ask(question: Question): Promise<Answer>;
  pause(ms: number): Promise<void>;
}

/** A conversation, whose questions may depend on the answers. */
export interface Scene {
  readonly name: string;
  play(partner: Partner): Promise<void>;
}

const folder = new URL('scenes/', import.meta.url);

/**
 * The scenes that are written down. A line that begins with `#` opens one; `pause MS` lets time
 * pass; all others are `METHOD TARGET [{CONTENT-TYPE}] [BODY]`.
 */
export function writtenScenes(): readonly Scene[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  return files.sort().flatMap((name) => parseScenes(readFileSync(new URL(name, folder), 'utf8')));
}

function parseScenes(text: string): readonly Scene[] {
  const scenes: { name: string; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('# ')) scenes.push({ name: line.slice(2), lines: [] });
    else if (line !== '') scenes.at(-1)?.lines.push(line);
  }
  return scenes.map(({ name, lines }) => ({
    name,
    play: async (partner) => {
      for (const line of lines) await playLine(line, partner);
    },
  }));
}

async function playLine(line: string, partner: Partner): Promise<void> {
  const [, pause] = /^pause (\d+)$/.exec(line) ?? [];
  if (pause === undefined) await partner.ask(parseQuestion(line));
  else await partner.pause(Number(pause));
}

function parseQuestion(line: string): Question {
  const match = /^([A-Z]+) (\S+)(?: \{([^}]*)\})?(?: (.*))?$/.exec(line);
  if (match === null) throw new Error(`not a question: ${line}`);
  const [, method = '', target = '', contentType, body] = match;
  if (body === undefined) return { method, target: bytesOf(target) };
  if (contentType === undefined) return { method, target: bytesOf(target), body };
  return { method, target: bytesOf(target), body, contentType };
}

/** A target goes over the wire byte by byte. */
function bytesOf(target: string): string {
  return Buffer.from(target, 'utf8').toString('latin1');
}
