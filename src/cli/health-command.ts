import type { Command } from 'commander';
import type { Fetch } from '../tls/secure-fetch.js';
import { writeLine } from './answer-output.js';
import { addCertificateOptions, type CertificateOptions, fetchOf } from './certificate-options.js';
import { addEndpointsOption, endpointsOf } from './cluster-options.js';
import { faultText } from './fetch-fault.js';

const answerLimitMs = 5000;
/** Longer than every reason of a member; what another program answers may have any length. */
const reasonLengthMax = 1000;

interface HealthFlags extends CertificateOptions {
  readonly endpoints?: string;
}

export function addHealthCommand(program: Command): void {
  const health = program
    .command('health')
    .description('tell whether members can serve; exits with 0 if all can, else with 1');
  addCertificateOptions(addEndpointsOption(health)).action(async (flags: HealthFlags) => {
    const fetch = fetchOf(flags);
    const reports = await Promise.all(endpointsOf(flags).map((each) => checkHealth(each, fetch)));
    for (const { line } of reports) await writeLine(line);
    process.exitCode = reports.every(({ healthy }) => healthy) ? 0 : 1;
  });
}

interface HealthReport {
  readonly healthy: boolean;
  /** One line. */
  readonly line: string;
}

/** Asks one member how it is. Healthy means that it can answer linearizable requests. */
async function checkHealth(endpoint: string, fetch: Fetch): Promise<HealthReport> {
  // Node may not notice that a server hangs up at once. A timer of `AbortSignal.timeout` would not
  // keep Node running meanwhile, so that it would end in silence.
  const controller = new AbortController();
  const { signal } = controller;
  const timer = setTimeout(() => controller.abort(new NoAnswerError()), answerLimitMs);
  try {
    const response = await fetch(new URL('/health', endpoint).href, { signal });
    if (response.ok) return { healthy: true, line: `${endpoint} is healthy` };
    const why = reasonIn(await response.text())
      .replaceAll(/\s+/g, ' ')
      .trim();
    const line = `${endpoint} is not healthy: ${response.status} ${why.slice(0, reasonLengthMax)}`;
    return { healthy: false, line };
  } catch (error) {
    return { healthy: false, line: `${endpoint} is not healthy: ${faultText(error)}` };
  } finally {
    clearTimeout(timer);
  }
}

class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  constructor() {
    super(`no answer within ${answerLimitMs / 1000} s`);
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
