import { AssertionError } from '../assert.js';
import type { LoadedConfig, ServerConfig } from '../config/server-config.js';
import type { Logger } from '../logger.js';
import { LogDestination } from './log-destination.js';
import { createLogger } from './log-output.js';
import { expendable, standardOutput } from './standard-output.js';

export type RunServer = (config: ServerConfig, logger: Logger) => Promise<RunningServer>;

export interface RunningServer {
  /** Hands over leadership, answers the requests under way, closes the storage. Idempotent. */
  close(): Promise<void>;
  /** Reads again what an operator has replaced. */
  reload(): void;
  /** Resolves with the reason when the member cannot go on. */
  readonly failed: Promise<Error>;
  /** Resolves when the member was removed from its cluster. */
  readonly removed: Promise<void>;
}

const removedText =
  'this member was removed from its cluster, and ends: its data directory is of no more use';

/** Process managers kill a process that takes longer. */
const stopLimitMs = 10_000;

/** For the last lines of the log, when the member has stopped. */
const lastLinesLimitMs = 500;

/** Runs one member until a signal or a fault ends the process. */
export async function serve(loaded: LoadedConfig, runServer: RunServer): Promise<void> {
  const { config, warnings } = loaded;
  expendable(process.stderr);
  const destination = new LogDestination(standardOutput(), (lines) =>
    logger.error({ lines }, 'the log could not be written for a while, and lost lines'),
  );
  process.once('exit', () => destination.writeLast());
  const logger = createLogger(config, process.stdout.isTTY, destination);
  for (const warning of warnings) logger.warn({}, warning);
  process.once('uncaughtException', (error) => stopAtFault(logger, error));
  process.once('unhandledRejection', (error) => stopAtFault(logger, error));
  const signalled = firstSignal();
  let server: RunningServer | undefined;
  // A terminal sends it to all its processes when it is closed, so that they end.
  if (!process.stdout.isTTY) process.on('SIGHUP', () => server?.reload());
  try {
    server = await runServer(config, logger);
  } catch (error) {
    stopAtStart(logger, error);
  }
  const ended = await Promise.race([signalled, server.failed, server.removed]);
  if (ended instanceof Error) stopAtFault(logger, ended);
  if (ended === undefined) logger.warn({}, removedText);
  logger.info(ended === undefined ? {} : { signal: ended }, 'stopping');
  setTimeout(() => {
    logger.error({ stopLimitMs }, 'not stopped in time: ending the process');
    process.exit(1);
  }, stopLimitMs).unref();
  await server.close();
  logger.info({}, 'stopped');
  if (ended === undefined) process.stderr.write(`conclave: ${removedText}\n`);
  await destination.flushed(lastLinesLimitMs);
  // A line that nobody takes, or a name that is still looked up, would keep the process running.
  process.exit();
}

/** Resolves with the first signal. A second one ends the process at once. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let received = false;
    const onSignal = (signal: NodeJS.Signals, number: number) => {
      if (received) process.exit(128 + number);
      received = true;
      resolve(signal);
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  });
}

/**
 * On a terminal the log and the sentence stand together, and the sentence says all that a user can
 * act on. Only a fault of the program needs its stack there.
 */
function stopAtStart(logger: Logger, error: unknown): never {
  if (!process.stdout.isTTY || isProgramFault(error)) logger.error({ err: error }, 'cannot start');
  process.stderr.write(`conclave: cannot start: ${explain(error)}\n`);
  process.exit(1);
}

function isProgramFault(error: unknown): boolean {
  const faults = [AssertionError, TypeError, RangeError, ReferenceError];
  return !(error instanceof Error) || faults.some((kind) => error instanceof kind);
}

/** A member in an unknown state must not go on: a process manager starts it again. */
function stopAtFault(logger: Logger, error: unknown): never {
  logger.error({ err: error }, 'fault: ending the process');
  process.stderr.write(`conclave: fault: ${explain(error)}\n`);
  process.exit(1);
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    const host = 'address' in error ? `${error.address}:` : '';
    return `${host}${error.port} is already in use`;
  }
  return error.message.split('\n', 1)[0] ?? error.name;
}
