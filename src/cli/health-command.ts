import type { Command } from 'commander';
import type { Fetch } from '../tls/secure-fetch.js';
import { writeLine } from './answer-output.js';
import { addCertificateOptions, type CertificateOptions, fetchOf } from './certificate-options.js';
import { addEndpointsOption, endpointsOf } from './cluster-options.js';
import { faultText } from './fetch-fault.js';

const answerLimitMs = 5000;
/** Longer than every reason of a member; what another program answers may have any length. */
const reasonLengthMax = 1000;

const healthHelp = `
Members tell it to everybody, so it takes no --user.

Examples:
  conclave health
  conclave health --endpoints https://10.0.0.4:4001 --cacert ca.crt`;

interface HealthFlags extends CertificateOptions {
  readonly endpoints?: string;
}

export function addHealthCommand(program: Command): void {
  const health = program
    .command('health')
    .description('tell whether members can serve; exits with 0 if all can, else with 1');
  addCertificateOptions(addEndpointsOption(health)).addHelpText('after', healthHelp);
  health.action(async (flags: HealthFlags) => {
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
    const url = `${endpoint.replace(/\/+$/, '')}/health`;
    const response = await fetch(url, { signal, redirect: 'manual' });
    return reportOf(endpoint, response.status, await response.text());
  } catch (error) {
    return { healthy: false, line: `${endpoint} is not healthy: ${faultText(error)}` };
  } finally {
    clearTimeout(timer);
  }
}

/** A proxy, or a page of another program, may answer with 200 for a member that is down. */
function reportOf(endpoint: string, status: number, body: string): HealthReport {
  const { health, reason } = fieldsIn(body);
  if (status === 200 && health === 'true') {
    return { healthy: true, line: `${endpoint} is healthy` };
  }
  const isMembers = status >= 400 || health !== undefined;
  const told = isMembers
    ? `${status} ${reason ?? body}`
    : `it answered ${status}, but not as a member does: give the address of one`;
  const why = told.replaceAll(/\s+/g, ' ').trim().slice(0, reasonLengthMax);
  return { healthy: false, line: `${endpoint} is not healthy: ${why}` };
}

class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  constructor() {
    super(`no answer within ${answerLimitMs / 1000} s`);
  }
}

/** Undefined: the body is not that of a member. */
function fieldsIn(body: string): { readonly health?: string; readonly reason?: string } {
  try {
    const answer: unknown = JSON.parse(body);
    if (typeof answer !== 'object' || answer === null) return {};
    const { health, reason } = answer as Readonly<Record<string, unknown>>;
    return {
      ...(typeof health === 'string' ? { health } : {}),
      ...(typeof reason === 'string' ? { reason } : {}),
    };
  } catch {
    return {};
  }
}
