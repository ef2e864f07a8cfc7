import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Pipeline } from './pipeline.js';
import type { WildRequest } from './requests.js';
import { Target } from './target.js';

const batchSize = 250;
/** What `npm test` sends of each kind; `npm run soak:requests` sends more. */
export const requestsInTests = 10_000;
export const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);

/** At least `count` requests. After each batch the member must be as it was. */
export async function throwAtMember(
  wildRequest: fc.Arbitrary<WildRequest>,
  count: number,
): Promise<void> {
  await using target = await Target.start();
  let pipeline = new Pipeline(target.server.port);
  let sent = 0;
  const batch = fc.array(wildRequest, { minLength: batchSize, maxLength: batchSize });
  await fc.assert(
    fc.asyncProperty(batch, async (requests) => {
      for (let answered = 0; answered < requests.length; ) {
        if (!pipeline.isOpen) pipeline = new Pipeline(target.server.port);
        answered += await pipeline.ask(requests.slice(answered));
      }
      sent += requests.length;
      await target.check();
    }),
    { seed, numRuns: Math.ceil(count / batchSize), endOnFailure: true, includeErrorInReport: true },
  );
  assert.ok(sent >= count, `${sent} requests were answered`);
}
