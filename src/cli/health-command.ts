const answerLimitMs = 5000;
/** Longer than every reason of a member; what another program answers may have any length. */
const reasonLengthMax = 1000;

export interface HealthReport {
  readonly healthy: boolean;
  /** One line. */
  readonly line: string;
}

/** Asks one member how it is. Healthy means that it can answer linearizable requests. */
export async function checkHealth(endpoint: string): Promise<HealthReport> {
  try {
    const response = await fetch(new URL('/health', endpoint), {
      signal: AbortSignal.timeout(answerLimitMs),
    });
    if (response.ok) return { healthy: true, line: `${endpoint} is healthy` };
    const why = reasonIn(await response.text())
      .replaceAll(/\s+/g, ' ')
      .trim();
    const line = `${endpoint} is not healthy: ${response.status} ${why.slice(0, reasonLengthMax)}`;
    return { healthy: false, line };
  } catch (error) {
    return { healthy: false, line: `${endpoint} is not healthy: ${reasonOf(error)}` };
  }
}

/** The reason in a member's answer; the whole body of any other answer. */
function reasonIn(body: string): string {
  try {
    const answer: unknown = JSON.parse(body);
    if (typeof answer !== 'object' || answer === null || !('reason' in answer)) return body;
    return typeof answer.reason === 'string' ? answer.reason : body;
  } catch {
    return body;
  }
}

/** fetch reports every fault as "fetch failed"; the real one is its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${answerLimitMs / 1000} s`;
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  if ('code' in cause && cause.code === 'ECONNREFUSED') return 'nothing listens there';
  return cause.message === '' ? error.message : cause.message;
}
