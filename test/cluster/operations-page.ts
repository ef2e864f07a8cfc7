import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/packages.mjs';
import { asBuilt } from './real-cluster.js';
import { type ShellResult, shell } from './shell.js';

const page = readFileSync(join(root, 'docs', 'operations.md'), 'utf8');

/** The lines that docs/operations.md tells users to type, under that heading. */
export function linesUnder(heading: string): readonly string[] {
  const found = new RegExp(`^##+ ${heading}\n([\\s\\S]*?)(?=^##+ |$(?![\\s\\S]))`, 'm').exec(page);
  const [, section = ''] = found ?? [];
  return [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );
}

/** Types a line in a folder; `conclave` in it is the program as it was built. */
export function type(line: string, folder: string, endpoints: string): Promise<ShellResult> {
  const conclave = `conclave() { ${asBuilt.map((word) => `'${word}'`).join(' ')} "$@"; }`;
  return shell(`cd '${folder}' && export CONCLAVE_ENDPOINTS='${endpoints}'; ${conclave}; ${line}`);
}
