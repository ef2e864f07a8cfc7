import { createReadStream } from 'node:fs';
import { isIPv4 } from 'node:net';
import { endianness } from 'node:os';

/** What the other end of a connection has not answered yet. */
export interface TcpDebt {
  /** Bytes that were sent to it. They are sent again, ever more rarely, and it is not probed meanwhile. */
  readonly unconfirmedBytes: number;
  /** Of TCP keep-alive, in a row. */
  readonly unansweredProbes: number;
}

/** Connections, by `connectionOf`, of those that owe something. */
export type TcpTable = ReadonlyMap<string, TcpDebt>;

const rows =
  /^ *\d+: ([\dA-F]+:[\dA-F]{4} [\dA-F]+:[\dA-F]{4}) .. ([\dA-F]{8}):\S+ \S+ \S+ +\d+ +(\d+) /gm;

/**
 * What the kernel knows of the TCP connections of this host. Only Linux tells it, in proc(5)'s
 * /proc/net/tcp: elsewhere undefined.
 */
export async function readTcpTable(): Promise<TcpTable | undefined> {
  const table = new Map<string, TcpDebt>();
  const found = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readInto(table, path)),
  );
  return found.includes(true) ? table : undefined;
}

/** Piece by piece, since there may be tens of thousands of rows. False: there is no such file. */
async function readInto(table: Map<string, TcpDebt>, path: string): Promise<boolean> {
  let begun = '';
  try {
    for await (const piece of createReadStream(path, 'latin1')) {
      const text = `${begun}${piece}`;
      const end = text.lastIndexOf('\n') + 1;
      addRows(table, text.slice(0, end));
      begun = text.slice(end);
    }
    return true;
  } catch (error) {
    // Without IPv6 a kernel has one file of the two.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

export function addRows(table: Map<string, TcpDebt>, text: string): void {
  for (const [, connection = '', bytes = '', probes = ''] of text.matchAll(rows)) {
    const unconfirmedBytes = Number.parseInt(bytes, 16);
    const unansweredProbes = Number(probes);
    if (unconfirmedBytes + unansweredProbes === 0) continue;
    table.set(connection, { unconfirmedBytes, unansweredProbes });
  }
}

/** As a socket tells of them while it is open. */
export interface Ends {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** As the table names it; undefined when the connection is over, or is not TCP. */
export function connectionOf(ends: Ends): string | undefined {
  const { localAddress, localPort, remoteAddress, remotePort } = ends;
  if (localAddress === undefined || localPort === undefined) return undefined;
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  return `${endOf(localAddress, localPort)} ${endOf(remoteAddress, remotePort)}`;
}

function endOf(address: string, port: number): string {
  const bytes = isIPv4(address) ? ipv4Bytes(address) : ipv6Bytes(address);
  // The kernel prints words of 32 bits in the order of the machine.
  const printed = endianness() === 'LE' ? bytes.swap32() : bytes;
  const portDigits = port.toString(16).padStart(4, '0');
  return `${printed.toString('hex')}:${portDigits}`.toUpperCase();
}

function ipv4Bytes(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

/** RFC 4291, section 2.2, with a zone or without. */
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
