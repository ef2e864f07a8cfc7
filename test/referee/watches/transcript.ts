import { readFileSync } from 'node:fs';
import type { AllTold } from './play.js';
import { parseStep, type Scene, stepText } from './scene.js';

/** The events that a real etcd sent in a scene. */
export interface Transcript {
  readonly scene: Scene;
  readonly told: AllTold;
}

export const transcriptPath = new URL('transcripts.ndjson', import.meta.url);

export function encodeTranscripts(version: string, transcripts: readonly Transcript[]): string {
  const lines = transcripts.map(({ scene, told }) =>
    JSON.stringify({ name: scene.name, steps: scene.steps.map(stepText), told }),
  );
  return [JSON.stringify({ etcd: version }), ...lines, ''].join('\n');
}

export function readTranscripts(): readonly Transcript[] {
  const [, ...lines] = readFileSync(transcriptPath, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const { name, steps, told }: { name: string; steps: string[]; told: AllTold } =
      JSON.parse(line);
    return { scene: { name, steps: steps.map(parseStep) }, told };
  });
}
