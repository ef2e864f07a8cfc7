import { UnavailableError } from '../../member/coordinator.js';
import type { FaceContext } from '../context.js';
import { jsonType, type TextResponse, textResponse, textType } from '../face-response.js';

/** The cluster serves this member's clients: it has a leader who confirms a read. */
export async function showHealth(context: FaceContext): Promise<TextResponse> {
  const failure = await readFailure(context);
  if (failure === undefined) return json(200, { health: 'true' });
  return json(503, { health: 'false', reason: failure });
}

/** The process answers. A cluster without a leader is no reason to restart its members. */
export function showLiveness(): TextResponse {
  return textResponse(200, textType, 'ok\n', {});
}

export async function showReadiness(context: FaceContext): Promise<TextResponse> {
  const failure = await readFailure(context);
  if (failure === undefined) return showLiveness();
  return textResponse(503, textType, `[-]linearizable_read failed: ${failure}\n`, {});
}

/** etcd's shape, with this server's own version. */
export function showVersion({ version }: FaceContext): TextResponse {
  return json(200, { etcdserver: version, etcdcluster: version });
}

async function readFailure({
  coordinator,
  requestTimeoutMs,
}: FaceContext): Promise<string | undefined> {
  if (coordinator.status().leaderId === undefined) return 'RAFT NO LEADER';
  try {
    await coordinator.readBarrier(requestTimeoutMs);
    return undefined;
  } catch (error) {
    if (error instanceof UnavailableError) return error.message;
    throw error;
  }
}

function json(status: number, content: object): TextResponse {
  return textResponse(status, jsonType, JSON.stringify(content), {});
}
