import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { endianness } from 'node:os';
import { describe, test } from 'node:test';
import {
  addRows,
  connectionOf,
  readTcpTable,
  type Unanswered,
} from '../../src/service/tcp-table.js';
import { until } from '../cluster/until.js';

const head =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const tail = '3 0000000072ac0a5c 20 4 30 10 -1';

/** As a machine prints it whose words begin with their lowest byte. */
function rowOf(
  row: number,
  connection: string,
  bytes: string,
  probes: number,
  repeats = '00000000',
): string {
  const uid = '0'.padStart(5);
  const unanswered = String(probes).padStart(8);
  const sent = `01 ${bytes}:0000001F 02:00000051 ${repeats}`;
  return `${String(row).padStart(4)}: ${connection} ${sent} ${uid} ${unanswered} 8519348 ${tail}`;
}

function parse(text: string): Map<string, Unanswered> {
  const table = new Map<string, Unanswered>();
  addRows(table, text);
  return table;
}

const client = '0100007F:0FA1 020012C6:D431';

describe('the table of TCP connections', () => {
  test('has unacknowledged bytes, how often they were sent again, and unanswered probes', () => {
    const other = '0100007F:0FA1 020012C6:D432';
    const repeated = rowOf(0, client, '0000001A', 0, '0000000B');
    const rows = [head, repeated, rowOf(1, other, '00000000', 3), ''];
    const table = parse(rows.join('\n'));
    assert.deepEqual(
      [...table],
      [
        [client, { unacknowledgedBytes: 26, retransmissions: 11, unansweredProbes: 0 }],
        [other, { unacknowledgedBytes: 0, retransmissions: 0, unansweredProbes: 3 }],
      ],
    );
  });

  test('leaves out a connection with nothing unanswered', () => {
    assert.equal(parse(`${head}\n${rowOf(0, client, '00000000', 0)}\n`).size, 0);
  });

  test('is read whole when it is so long that its columns shift', () => {
    const table = parse(`${head}\n${rowOf(12_345, client, '00000000', 2)}\n`);
    assert.equal(table.get(client)?.unansweredProbes, 2);
  });

  const ends = [
    { address: '198.18.0.2', hex: '020012C6' },
    { address: '::ffff:198.18.0.2', hex: '0000000000000000FFFF0000020012C6' },
    { address: '::1', hex: '00000000000000000000000001000000' },
    { address: 'fe80::1:2%eth0', hex: '000080FE000000000000000002000100' },
    { address: '2001:db8:1:2:3:4:5:6', hex: 'B80D0120020001000400030006000500' },
    { address: '2001:db8::', hex: 'B80D0120000000000000000000000000' },
  ];
  const bigEndian = endianness() === 'BE' && 'the rows here are those of a little-endian machine';
  for (const { address, hex } of ends) {
    test(`has a client at ${address} under ${hex}`, { skip: bigEndian }, () => {
      const connection = connectionOf({
        ...{ localAddress: address, localPort: 4001 },
        ...{ remoteAddress: address, remotePort: 54_321 },
      });
      assert.equal(connection, `${hex}:0FA1 ${hex}:D431`);
    });
  }

  test('has no name for a connection that is over', () => {
    assert.equal(connectionOf({}), undefined);
  });

  const elsewhere = process.platform !== 'linux' && 'only Linux tells of its connections';
  test('of this machine names a connection as its socket does', { skip: elsewhere }, async () => {
    const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [accepted] = (await once(server, 'connection')) as [Socket];
    // More than both ends have room for, to one who reads nothing.
    socket.write(Buffer.alloc(64 * 1024 * 1024));
    await until(async () => {
      const unanswered = (await readTcpTable())?.get(connectionOf(socket) ?? '');
      return (unanswered?.unacknowledgedBytes ?? 0) > 0;
    }, 'bytes to the end that reads nothing are unacknowledged');
    socket.destroy();
    accepted.destroy();
    server.close();
  });
});
