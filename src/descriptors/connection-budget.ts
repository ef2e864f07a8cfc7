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
