import { UnavailableError } from '../../member/coordinator.js';
import type { ServiceContext } from '../../service/service-context.js';
import { plainError, type TextResponse, textResponse, textType } from '../server/api-response.js';
import { whoRefuses } from './refusals.js';

export interface Check {
  readonly name: string;
  /** Resolves with the reason why it fails; undefined when it does not. */
  readonly failure: (context: ServiceContext) => Promise<string | undefined>;
}

const localRead: Check = {
  name: 'serializable_read',
  failure: ({ coordinator }) => {
    const found = coordinator.state.keys.get('/', {
      recursive: false,
      sorted: false,
      hidden: false,
    });
    return Promise.resolve(found.ok ? undefined : found.error.cause);
  },
};

const clusterRead: Check = { name: 'linearizable_read', failure: readFailure };

/** Liveness needs no leader: restarting the members would not bring one. */
export const livenessChecks: readonly Check[] = [localRead];
export const readinessChecks: readonly Check[] = [localRead, clusterRead];

/** As in etcd 3.4, a plain text that is JSON; later releases add the reason. */
export async function showHealth(context: ServiceContext): Promise<TextResponse> {
  const reason = await readFailure(context);
  return reason === undefined
    ? textResponse(200, textType, JSON.stringify({ health: 'true' }), {})
    : plainError(503, JSON.stringify({ health: 'false', reason }), {});
}

/** As in later releases of etcd and in Kubernetes: `?verbose`, and any number of `?exclude=`. */
export async function runChecks(
  checks: readonly Check[],
  context: ServiceContext,
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

/** Ready means that the cluster has a leader that confirms a read. */
async function readFailure(context: ServiceContext): Promise<string | undefined> {
  const { coordinator, requestTimeoutMs } = context;
  if (coordinator.status().leaderId === undefined) {
    return whoRefuses(context) ?? 'RAFT NO LEADER';
  }
  try {
    await coordinator.readBarrier(requestTimeoutMs);
    return undefined;
  } catch (error) {
    if (error instanceof UnavailableError) return error.message;
    throw error;
  }
}
