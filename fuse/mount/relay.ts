/**
 * Mounts of everybody but root. fusermount3 may mount for them; it hands the descriptor of the device over
 * a socket, which Node cannot take. A few lines of Perl, which every Debian has, take it and pass messages
 * on: each is one read or write of the device, and begins with its own length.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import type { Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import { maxWriteBytes } from '../protocol/constants.ts';
import { failure, type MountOptions } from './mount.ts';

/**
 * Arguments: the program, the directory, the options. Descriptor 3 is the socket to us. SCM_RIGHTS is read
 * with the system call itself, since Perl has no function for it; both structures are those of 64-bit Linux.
 */
const script = String.raw`
use strict; use Socket; use POSIX ();
my ($program, $directory, $options) = @ARGV;
socketpair(my $near, my $far, AF_UNIX, SOCK_STREAM, 0) or die "socketpair: $!\n";
my $pid = fork(); die "fork: $!\n" unless defined $pid;
if ($pid == 0) {
  close $near; POSIX::dup2(fileno($far), 9); $ENV{_FUSE_COMMFD} = 9;
  exec $program, '-o', $options, '--', $directory; exit 127;
}
close $far;
my $byte = "\0"; my $control = "\0" x 64;
my $vector = pack('PQ', $byte, 1);
my $message = pack('QLx4PQPQlx4', 0, 0, $vector, 1, $control, 64, 0);
my $number = (POSIX::uname())[4] eq 'aarch64' ? 212 : 47;
my $count = syscall($number, fileno($near), $message, 0);
waitpid($pid, 0);
exit(($? >> 8) || 1) if $? != 0 || $count < 1;
my ($length, $level, $type, $fd) = unpack('QllL', $control);
exit 3 unless $type == 1;
open(my $fuse, '+<&=', $fd) or die "fuse: $!\n"; open(my $us, '+<&=', 3) or die "socket: $!\n";
binmode $_ for $fuse, $us;
sub pass { my ($data) = @_; my $at = 0;
  while ($at < length $data) { my $n = syswrite($us, $data, length($data) - $at, $at); exit 0 unless $n; $at += $n; } }
pass(pack('L', 0));
my $held = '';
for (;;) {
  my $ready = ''; vec($ready, fileno($fuse), 1) = 1; vec($ready, fileno($us), 1) = 1;
  next if select(my $now = $ready, undef, undef, undef) < 0;
  if (vec($now, fileno($us), 1)) {
    my $n = sysread($us, $held, 4194304, length $held); exit 0 unless $n;
    while (length($held) >= 4 && length($held) >= (my $size = unpack('L', $held))) {
      syswrite($fuse, substr($held, 0, $size, ''));
    }
  }
  if (vec($now, fileno($fuse), 1)) {
    my $n = sysread($fuse, my $request, REQUESTBYTES);
    if (defined $n) { pass($request) } elsif ($! == POSIX::ENODEV) { exit 0 }
    elsif ($! != POSIX::EINTR && $! != POSIX::EAGAIN && $! != POSIX::ENOENT) { exit 4 }
  }
}`.replace('REQUESTBYTES', String(maxWriteBytes + 4096));

/** What fusermount3 answers with when there is no Perl or no permission; the same number says both. */
const readyBytes = 4;

/**
 * Mounts as an ordinary user.
 * @returns the socket that requests come from; when it is closed the mount is gone
 * @throws VaultError `not-supported` names the package that is missing, `denied`
 */
export async function mountAsUser(options: MountOptions): Promise<Socket> {
  const program = ['fusermount3', 'fusermount'].find(isInPath);
  if (program === undefined || !isInPath('perl')) {
    throw failure('not-supported', options.directory, {
      detail: `${program === undefined ? 'fusermount3' : 'perl'} is missing`,
      next: `install the package ${program === undefined ? 'fuse3' : 'perl-base'}`,
    });
  }
  const settings = [
    'default_permissions',
    'nosuid',
    'nodev',
    'fsname=peervault',
    'subtype=peervault',
    `max_read=${String(maxWriteBytes)}`,
    ...(options.allowOther ? ['allow_other'] : []),
  ].join(',');
  const child = spawn('perl', ['-e', script, program, options.directory, settings], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  });
  const socket = child.stdio[3] as unknown as Socket;
  await whenReady(child, socket, options.directory);
  return socket;
}

function whenReady(child: ChildProcess, socket: Socket, directory: string): Promise<void> {
  let errors = '';
  child.stderr?.on('data', (piece: Buffer) => {
    errors = (errors + piece.toString()).slice(-1000);
  });
  return new Promise((resolve, reject) => {
    const refuse = (): void => {
      reject(
        failure('denied', directory, {
          detail: errors.trim() === '' ? 'fusermount3 did not mount it' : errors.trim(),
          next: 'the directory has to be yours, and /dev/fuse readable and writable for you',
        }),
      );
    };
    child.on('error', refuse);
    child.on('close', refuse);
    const onReadable = (): void => {
      if (socket.read(readyBytes) === null) return;
      socket.off('readable', onReadable);
      resolve();
    };
    socket.on('readable', onReadable);
  });
}

function isInPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
