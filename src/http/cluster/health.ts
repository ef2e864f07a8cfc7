import { UnavailableError } from '../../member/coordinator.js';
import type { ApiContext } from '../context.js';
import { plainError, type TextResponse, textResponse, textType } from '../server/api-response.js';

export interface Check {
  readonly name: string;
  /** Why it fails; undefined when it does not. */
  readonly failure: (context: ApiContext) => Promise<string | undefined>;
}

const localRead: Check = {
  name: 'serializable_read',
  failure: ({ coordinator }) => {
    const found = coordinator.state.get('/', { recursive: false, sorted: false, hidden: false });
    return Promise.resolve('errorCode' in found ? found.cause : undefined);
  },
};

const clusterRead: Check = { name: 'linearizable_read', failure: readFailure };

/** The process answers. A cluster without a leader is no reason to restart its members. */
export const livenessChecks: readonly Check[] = [localRead];
export const readinessChecks: readonly Check[] = [localRead, clusterRead];

/** As etcd 3.4 has it, a plain text that is JSON; the reason is what later releases add. */
export async function showHealth(context: ApiContext): Promise<TextResponse> {
  const reason = await readFailure(context);
  return reason === undefined
    ? textResponse(200, textType, JSON.stringify({ health: 'true' }), {})
    : plainError(503, JSON.stringify({ health: 'false', reason }), {});
}

/** As etcd's later releases and Kubernetes have it: `?verbose`, and `?exclude=` as often as wanted. */
export async function runChecks(
  checks: readonly Check[],
  context: ApiContext,
  query: URLSearchParams,
): Promise<TextResponse> {
  const excluded = query.getAll('exclude');
  const due = checks.filter(({ name }) => !excluded.includes(name));
  const failures = await Promise.all(due.map(({ failure }) => failure(context)));
  const lines = due.map(({ name }, position) => {
    const failure = failures[position];
    return failure === undefined ? `[+]${name} ok\n` : `[-]${name} failed: ${failure}\n`;
  });
  const report = lines.join('');
  if (failures.some((failure) => failure !== undefined)) return plainError(503, report, {});
  return textResponse(200, textType, query.has('verbose') ? `${report}ok\n` : 'ok\n', {
    'X-Content-Type-Options': 'nosniff',
  });
}

/** The cluster serves this member's clients when it has a leader who confirms a read. */
async function readFailure({
  coordinator,
  requestTimeoutMs,
}: ApiContext): Promise<string | undefined> {
  if (coordinator.status().leaderId === undefined) return 'RAFT NO LEADER';
  try {
    await coordinator.readBarrier(requestTimeoutMs);
    return undefined;
  } catch (error) {
    if (error instanceof UnavailableError) return error.message;
    throw error;
  }
}
