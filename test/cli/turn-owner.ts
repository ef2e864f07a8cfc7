import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { turnOf } from '../../src/cli/turn.js';

const source = fileURLToPath(new URL('../../src/cli/turn.ts', import.meta.url));

export type Named = Parameters<typeof turnOf>;

/** A process that has the turn until it is killed. */
export async function ownerOf(named: Named, context: TestContext) {
  const script = `const { acquireTurn, turnOf } = await import('${source}');
    const turn = turnOf(...${JSON.stringify(named)});
    for (const server of await acquireTurn(turn, 0, AbortSignal.any([]), console.log)) server.ref();
    console.log('has it');`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', script];
  const owner = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => owner.kill('SIGKILL'));
  assert.equal(String(await once(owner.stdout, 'data')), 'has it\n');
  return owner;
}
