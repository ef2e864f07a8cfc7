import type { Logger } from '../logger.js';
import { failure, ok, type Result } from '../result.js';
import { limitRefusal } from './descriptor-limit.js';

/** The tables that LevelDB keeps open, and its other files: it takes no lower bound. */
export const databaseFilesMax = 74;

/** Files that are open for a moment: the TCP table, a directory that is measured. */
const passingFilesMax = 32;

/**
 * A peer has three connections to here: two for messages, one for a snapshot. Those of its last
 * process may still be closing when it dials again.
 */
const connectionsFromPeerMax = 8;

/** As many to the peer, and the file of a snapshot each way. */
const descriptorsOfPeerMax = 2 * connectionsFromPeerMax + 2;

/** Connections to the peer address that no peer has opened. */
const strangersMax = 8;

/** With fewer connections a member would be of little use to its clients. */
const clientConnectionsMin = 16;

/** The usual hard limits leave more, so fewer are a mistake that clients may soon meet. */
const clientConnectionsFew = 1000;

/** Watches and requests for locks, of which each waits on a connection of its own. */
export const waitingRequestsDefault = 30_000;

/** Connections beside those of waiting requests, so that other requests are still served. */
const busyConnectionsMax = 10_000;

export interface ConnectionBudget {
  /** To all client addresses together. */
  readonly fromClients: number;
  readonly toPeerAddress: number;
}

/**
 * What is left for connections of what the process may have open: a database that meets the limit
 * ends the member. The failure says why the limit is too low.
 * @param open at the moment: the database is, and nothing listens yet.
 */
export function connectionBudget(
  limit: number,
  open: number,
  peers: number,
): Result<ConnectionBudget, string> {
  const kept =
    open + databaseFilesMax + passingFilesMax + descriptorsOfPeerMax * peers + strangersMax;
  const fromClients = limit - kept;
  if (fromClients < clientConnectionsMin) {
    return failure(limitRefusal(limit, kept + clientConnectionsMin));
  }
  return ok({ fromClients, toPeerAddress: connectionsFromPeerMax * peers + strangersMax });
}

/**
 * How many connections clients get. Fewer than one would want are a warning only where that does
 * harm: the default is more than many machines have, and than most clusters need.
 * @param waitingAsked how many requests may wait; undefined if nobody has said so
 */
export function clientConnections(
  { limit, available }: { readonly limit: number; readonly available: number },
  waitingAsked: number | undefined,
  logger: Logger,
): number {
  const wanted = (waitingAsked ?? waitingRequestsDefault) + busyConnectionsMax;
  if (available >= wanted) return wanted;
  const isHarmful = available < clientConnectionsFew || available <= (waitingAsked ?? 0);
  logger[isHarmful ? 'warn' : 'info'](
    { openFilesMax: limit, connectionsMax: available, wanted },
    'the limit of open files bounds the connections of clients',
  );
  return available;
}
