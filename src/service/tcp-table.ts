import { open } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { endianness } from 'node:os';

/** What the peer of a connection has not acknowledged yet. */
export interface Unanswered {
  /** Sent bytes. TCP retransmits them ever more rarely, and sends no keep-alive probe meanwhile. */
  readonly unacknowledgedBytes: number;
  /** Of the oldest of these bytes, in a row. */
  readonly retransmissions: number;
  /** Keep-alive probes in a row. */
  readonly unansweredProbes: number;
}

/** By `connectionOf`. Connections with nothing unanswered are left out. */
export type TcpTable = ReadonlyMap<string, Unanswered>;

const pieceBytes = 65_536;

const rows =
  /^ *\d+: ([\dA-F]+:[\dA-F]{4} [\dA-F]+:[\dA-F]{4}) .. ([\dA-F]{8}):\S+ \S+ ([\dA-F]{8}) +\d+ +(\d+) /gm;

/**
 * The kernel's table of this host's TCP connections: proc(5), /proc/net/tcp and tcp6. Undefined on
 * systems other than Linux.
 */
export async function readTcpTable(): Promise<TcpTable | undefined> {
  const table = new Map<string, Unanswered>();
  const found = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readInto(table, path)),
  );
  return found.includes(true) ? table : undefined;
}

/**
 * Reads in pieces, since there may be tens of thousands of rows. The kernel gives no more than a
 * page at a time, and a stream would take twice the time for that. False when the file does not
 * exist.
 */
async function readInto(table: Map<string, Unanswered>, path: string): Promise<boolean> {
  try {
    await using file = await open(path);
    const buffer = Buffer.alloc(pieceBytes);
    let begun = '';
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, pieceBytes);
      if (bytesRead === 0) return true;
      const text = begun + buffer.toString('latin1', 0, bytesRead);
      const end = text.lastIndexOf('\n') + 1;
      addRows(table, text.slice(0, end));
      begun = text.slice(end);
    }
  } catch (error) {
    // A kernel without IPv6 has no tcp6.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

export function addRows(table: Map<string, Unanswered>, text: string): void {
  for (const [, connection = '', bytes = '', repeats = '', probes = ''] of text.matchAll(rows)) {
    const unacknowledgedBytes = Number.parseInt(bytes, 16);
    const retransmissions = Number.parseInt(repeats, 16);
    const unansweredProbes = Number(probes);
    if (unacknowledgedBytes + unansweredProbes === 0) continue;
    table.set(connection, { unacknowledgedBytes, retransmissions, unansweredProbes });
  }
}

/** The addresses of an open socket. */
export interface SocketAddresses {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** The key in the table; undefined when the connection is closed, or is not TCP. */
export function connectionOf(socket: SocketAddresses): string | undefined {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (localAddress === undefined || localPort === undefined) return undefined;
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  return `${endOf(localAddress, localPort)} ${endOf(remoteAddress, remotePort)}`;
}

function endOf(address: string, port: number): string {
  const bytes = isIPv4(address) ? ipv4Bytes(address) : ipv6Bytes(address);
  // The kernel prints an address as 32-bit words in the byte order of the machine.
  const printed = endianness() === 'LE' ? bytes.swap32() : bytes;
  const portDigits = port.toString(16).padStart(4, '0');
  return `${printed.toString('hex')}:${portDigits}`.toUpperCase();
}

function ipv4Bytes(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

/** RFC 4291, section 2.2, with or without a zone. */
function ipv6Bytes(address: string): Buffer {
  const [plain = ''] = address.split('%');
  const [head = Buffer.alloc(0), tail = Buffer.alloc(0)] = plain.split('::').map(groupBytes);
  return Buffer.concat([head, Buffer.alloc(16 - head.length - tail.length), tail]);
}

function groupBytes(groups: string): Buffer {
  if (groups === '') return Buffer.alloc(0);
  return Buffer.concat(
    groups
      .split(':')
      .map((group) =>
        group.includes('.') ? ipv4Bytes(group) : Buffer.from(group.padStart(4, '0'), 'hex'),
      ),
  );
}
