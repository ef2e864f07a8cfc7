import { type DestinationStream, pino, stdTimeFunctions } from 'pino';
import type { ServerConfig } from '../config/server-config.js';
import type { Logger } from '../logger.js';
import { logText } from './log-text.js';
import { withNames } from './named-ids.js';

/** What the log depends on. */
export type LogConfig = Pick<ServerConfig, 'name' | 'initialCluster' | 'logLevel' | 'logFormat'>;

/**
 * The log of one member, one line for each event.
 * @param isTerminal whether people read it as it comes; `logFormat` has precedence.
 * @param output where it goes, line by line.
 */
export function createLogger(
  config: LogConfig,
  isTerminal: boolean,
  output: DestinationStream,
): Logger {
  const names = new Map<string, string>(
    config.initialCluster.map(({ memberId, name }) => [memberId, name]),
  );
  const options = {
    level: config.logLevel,
    base: { member: config.name },
    timestamp: stdTimeFunctions.isoTime,
    formatters: {
      level: (level: string) => ({ level }),
      log: (fields: Record<string, unknown>) => ({ ...withNames(fields, names) }),
    },
  };
  const format = config.logFormat ?? (isTerminal ? 'text' : 'json');
  return pino(options, format === 'text' ? asText(output) : output);
}

function asText(output: DestinationStream): DestinationStream {
  return { write: (line) => output.write(logText(line)) };
}
