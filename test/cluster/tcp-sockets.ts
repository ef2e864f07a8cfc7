import { spawnSync } from 'node:child_process';

export interface TcpSocket {
  readonly localPort: number;
  readonly peerPort: number;
  /** TCP_NODELAY, as the kernel has it. */
  readonly noDelay: boolean;
}

/**
 * Prints "LOCAL-PORT PEER-PORT TCP_NODELAY" for each connected TCP socket of a process. It takes a
 * copy of each of the process's descriptors (pidfd_getfd(2), Linux 5.6 or newer), because neither
 * /proc nor ss tells the option. Perl is a part of every Debian, and Node.js has no getsockopt.
 */
const script = String.raw`
  use strict;
  use Socket qw(:DEFAULT IPPROTO_TCP TCP_NODELAY SO_PROTOCOL);
  my ($pidfd_open, $pidfd_getfd, $pid) = (434, 438, $ARGV[0] + 0);
  my $process = syscall($pidfd_open, $pid, 0);
  die "pidfd_open: $!\n" if $process < 0;
  for my $link (glob("/proc/$pid/fd/*")) {
    next unless (readlink($link) // '') =~ /^socket:/;
    my ($number) = $link =~ /(\d+)$/;
    my $copy = syscall($pidfd_getfd, $process, $number + 0, 0);
    next if $copy < 0 && $!{EBADF}; # It was closed since.
    die "pidfd_getfd: $!\n" if $copy < 0;
    open(my $socket, '+<&=', $copy) or die "open: $!\n";
    my $type = unpack('i', getsockopt($socket, SOL_SOCKET, SO_PROTOCOL));
    my $peer = getpeername($socket);
    next unless $type == IPPROTO_TCP && defined $peer;
    my $option = unpack('i', getsockopt($socket, IPPROTO_TCP, TCP_NODELAY));
    print join(' ', unpack('x2n', getsockname($socket)), unpack('x2n', $peer), $option), "\n";
  }
`;

/** Why this machine does not let us look into processes, or false: what `skip` of a test takes. */
export function tcpSocketsHidden(): string | false {
  const { error, stderr } = look(process.pid);
  const refusal = error?.message ?? /^pidfd_.*$/m.exec(stderr)?.[0];
  return refusal !== undefined && `needs Linux 5.6, perl and the right to trace: ${refusal}`;
}

/** The connected ones of that process. */
export function tcpSocketsOf(pid: number): readonly TcpSocket[] {
  const { error, status, stdout, stderr } = look(pid);
  if (status !== 0) throw error ?? new Error(stderr);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [localPort = 0, peerPort = 0, option = 0] = line.split(' ').map(Number);
    return { localPort, peerPort, noDelay: option !== 0 };
  });
}

function look(pid: number) {
  return spawnSync('perl', ['-e', script, String(pid)], { encoding: 'utf8' });
}
