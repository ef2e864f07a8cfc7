const answerLimitMs = 5000;

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
    const body = (await response.text()).replaceAll(/\s+/g, ' ').trim().slice(0, 200);
    if (response.ok) return { healthy: true, line: `${endpoint} is healthy` };
    return { healthy: false, line: `${endpoint} is not healthy: ${response.status} ${body}` };
  } catch (error) {
    return { healthy: false, line: `${endpoint} is not healthy: ${reasonOf(error)}` };
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
