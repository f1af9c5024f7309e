/**
 * Modification times to the nanosecond. Node takes times as a double of seconds, which today is exact
 * to about 240 ns; utimensat(2) takes the whole number. perl can make that call and is part of every
 * Debian, so one perl is started for all the times that a double cannot hold. Without perl the times
 * stay approximate, and the caller is told so.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { FileTime } from '../../protocol/messages/op.ts';

/** Seconds as Node's calls want them, as near as a double comes. */
export function approximateSeconds(time: FileTime): number {
  return time.seconds + time.nanoseconds / 1e9;
}

/** Whether the double that Node passes on arrives as exactly this time; below zero it passes the present. */
export function isExact(time: FileTime): boolean {
  if (time.seconds < 0) return false;
  const seconds = approximateSeconds(time);
  const whole = Math.trunc(seconds);
  return whole === time.seconds && Math.trunc((seconds - whole) * 1e9) === time.nanoseconds;
}

const linesCharactersMax = 32 * 1024;

/** Numbers of utimensat(2). */
const callNumbers: Readonly<Record<string, number>> = { x64: 280, arm64: 88 };

/**
 * Reads lines `PATH-IN-HEX SECONDS NANOSECONDS`; AT_FDCWD is -100, AT_SYMLINK_NOFOLLOW 0x100, and
 * UTIME_OMIT leaves the access time alone. Ends with the number of calls that failed.
 */
const program = `
my $failed = 0;
while (<STDIN>) {
  my ($hex, $s, $ns) = split;
  my $path = pack("H*", $hex);
  my $times = pack("q<q<q<q<", 0, (1 << 30) - 2, $s, $ns);
  $failed++ if syscall(CALL, -100, $path, $times, 0x100) != 0;
}
print $failed;
`;

export interface ExactTimes {
  /** Sets the time of the file, directory or link at an absolute path, soon. */
  set(path: Buffer, time: FileTime): void;
  /** How many could not be set exactly; resolves when all others are. */
  finish(): Promise<number>;
}

export function openExactTimes(): ExactTimes {
  let helper: Helper | undefined;
  let wanted = 0;
  return {
    set(path, time) {
      wanted += 1;
      helper ??= startHelper();
      helper.send(`${path.toString('hex')} ${String(time.seconds)} ${String(time.nanoseconds)}\n`);
    },
    async finish() {
      if (helper === undefined) return 0;
      return (await helper.end()) ?? wanted;
    },
  };
}

interface Helper {
  send(line: string): void;
  /** The number of failed calls; undefined when there was no helper. */
  end(): Promise<number | undefined>;
}

function startHelper(): Helper {
  const call = callNumbers[process.arch];
  if (process.platform !== 'linux' || call === undefined) return absentHelper;
  const child = spawn('perl', ['-e', program.replace('CALL', String(call))], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const failed = readResult(child);
  // It may be missing or die; the result tells.
  child.stdin.on('error', () => undefined);
  let waiting = '';
  return {
    send(line) {
      waiting += line;
      // A write for every line wakes perl for every line: with small files that costs more than the files.
      if (waiting.length < linesCharactersMax) return;
      child.stdin.write(waiting);
      waiting = '';
    },
    end() {
      child.stdin.end(waiting);
      return failed;
    },
  };
}

const absentHelper: Helper = {
  send: () => undefined,
  end: () => Promise.resolve(undefined),
};

function readResult(child: ChildProcess): Promise<number | undefined> {
  return new Promise((resolve) => {
    let text = '';
    child.stdout?.on('data', (bytes: Buffer) => {
      text += bytes.toString();
    });
    child.on('error', () => {
      resolve(undefined);
    });
    child.on('close', (code) => {
      resolve(code === 0 && /^[0-9]+$/.test(text) ? Number(text) : undefined);
    });
  });
}
