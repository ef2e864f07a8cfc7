import { readFileSync } from 'node:fs';

/**
 * A story of writes and watches. `@N` in a target stands for the index of the story's N-th event,
 * whatever happened before it.
 */
export interface Scene {
  readonly name: string;
  readonly steps: readonly Step[];
}

export type Step =
  | {
      readonly type: 'write';
      readonly method: string;
      readonly target: string;
      readonly form: string;
    }
  | { readonly type: 'watch'; readonly name: string; readonly target: string }
  /** The client of that watch closes its connection. */
  | { readonly type: 'leave'; readonly name: string }
  /** As many writes of the hidden key `/_many`. */
  | { readonly type: 'many'; readonly count: number }
  /** Waits until the key at that path, which has a TTL, is gone. */
  | { readonly type: 'expire'; readonly path: string };

const file = new URL('scenes.txt', import.meta.url);

/** A line that begins with `#` opens a scene; every other one is a step of it. */
export function writtenScenes(): readonly Scene[] {
  const scenes: { name: string; steps: Step[] }[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line.startsWith('# ')) scenes.push({ name: line.slice(2), steps: [] });
    else if (line !== '') scenes.at(-1)?.steps.push(parseStep(line));
  }
  return scenes;
}

export function parseStep(line: string): Step {
  const [verb = '', one = '', two = ''] = line.split(' ');
  switch (verb) {
    case 'watch':
      return { type: 'watch', name: one, target: two };
    case 'leave':
      return { type: 'leave', name: one };
    case 'many':
      return { type: 'many', count: Number(one) };
    case 'expire':
      return { type: 'expire', path: one };
    case 'PUT':
    case 'POST':
    case 'DELETE':
      return { type: 'write', method: verb, target: one, form: two };
    default:
      throw new Error(`not a step: ${line}`);
  }
}

export function stepText(step: Step): string {
  switch (step.type) {
    case 'watch':
      return `watch ${step.name} ${step.target}`;
    case 'leave':
      return `leave ${step.name}`;
    case 'many':
      return `many ${step.count}`;
    case 'expire':
      return `expire ${step.path}`;
    case 'write':
      return `${step.method} ${step.target} ${step.form}`.trimEnd();
  }
}
