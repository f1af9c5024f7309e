/** Programs that people run all day, in a mount; each checks its own result. */
import test from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hasProgram, mountedDevice, shell, whyNoMount } from '../../helpers/real-mount.ts';

const missing = whyNoMount();
const maybe = missing === undefined ? test.serial : test.skip;
if (missing !== undefined) process.stderr.write(`skipped: ${missing}\n`);

interface Tool {
  readonly needs: readonly string[];
  readonly script: string;
  readonly says: string;
}

const concurrentWriters = `
import sqlite3, sys, threading
mode = sys.argv[1]
def connect():
    c = sqlite3.connect(mode + '.db', timeout=60, isolation_level=None)
    c.execute('pragma journal_mode=' + mode)
    return c
connect().execute('create table t(writer, number)')
def write(writer):
    c = connect()
    for number in range(25):
        c.execute('begin immediate')
        c.execute('insert into t values (?, ?)', (writer, number))
        c.execute('commit')
threads = [threading.Thread(target=write, args=(w,)) for w in range(3)]
[t.start() for t in threads]; [t.join() for t in threads]
c = connect()
print(c.execute('select count(*), count(distinct writer * 1000 + number) from t').fetchone(), c.execute('pragma integrity_check').fetchone()[0])
`;

const tools: Readonly<Record<string, Tool>> = {
  'make -j2': {
    needs: ['make', 'gcc'],
    script: [
      'mkdir c; cd c; objects=',
      'for i in 1 2 3 4; do echo "int f$i(void){return $i;}" >f$i.c; objects="$objects f$i.o"; done',
      'echo "int f1(void),f2(void),f3(void),f4(void);" >main.c',
      'echo "int main(void){return f1()+f2()+f3()+f4();}" >>main.c',
      'printf "sum: main.o$objects\\n\\tgcc -o sum main.o$objects\\n%%.o: %%.c\\n\\tgcc -c \\$<\\n" >Makefile',
      'make -s -j2; ./sum || echo $?; make -q sum && echo "nothing to do"',
    ].join('\n'),
    says: '10\nnothing to do\n',
  },
  rsync: {
    needs: ['rsync'],
    script: [
      'mkdir s; for i in 1 2 3; do head -c 400000 /dev/urandom >s/$i; done; ln -s 1 s/link; touch -d @5 s/2',
      'rsync -a s/ t/; head -c 10 /dev/urandom | dd of=s/1 bs=1 seek=200000 conv=notrunc 2>/dev/null; touch -d @7 s/1',
      'rsync -a --inplace --no-whole-file s/ t/; rsync -a --checksum --itemize-changes s/ t/; diff -r s t; stat -c %Y t/2',
    ].join('\n'),
    says: '5\n',
  },
  'SQLite under concurrent writers': {
    needs: ['python3'],
    script: 'echo "$WRITERS" >w.py; python3 w.py wal; python3 w.py delete',
    says: '(75, 75) ok\n(75, 75) ok\n',
  },
  'npm ci': {
    needs: ['npm'],
    script: [
      'mkdir -p n/dep; cd n; echo \'{"name":"dep","version":"1.0.0","main":"i.js"}\' >dep/package.json',
      'echo "module.exports = 42" >dep/i.js',
      'echo \'{"name":"n","version":"1.0.0","dependencies":{"dep":"file:./dep"}}\' >package.json',
      'npm install --offline --no-audit --no-fund --loglevel=error >/dev/null; rm -r node_modules',
      'npm ci --offline --no-audit --no-fund --loglevel=error >/dev/null; node -p "require(\'dep\')"',
    ].join('\n'),
    says: '42\n',
  },
  // What strace shows of `:w` with backupcopy=no: a probe, the old one put aside, the new one synced.
  'the way vim saves': {
    needs: ['perl'],
    script: [
      'mkdir v; cd v; echo first >f; chmod 640 f; inode=$(stat -c %i f)',
      'cat >save <<"END"',
      'use Fcntl; use IO::Handle; my $text = shift;',
      'sysopen(P, "4913", O_CREAT|O_WRONLY|O_EXCL|O_NOFOLLOW, 0100640) or die "probe $!";',
      'chown(-1, (stat "f")[5], "4913") == 1 or die "group $!"; close P; unlink "4913" or die "unprobe $!";',
      'my $mode = (stat "f")[2] & 07777; rename "f", "f~" or die "aside $!";',
      'sysopen(F, "f", O_WRONLY|O_CREAT, $mode) or die "new $!"; syswrite(F, $text) or die "write $!";',
      'F->sync or die "sync $!"; close F or die "close $!"; chmod($mode, "f") == 1 or die "mode $!";',
      '-s "f" == length $text or die "size"; unlink "f~" or die "backup $!";',
      'END',
      'for text in second third fourth; do perl save "$text"; done',
      'cat f; echo; stat -c %a f; ls; test $(stat -c %i f) != $inode && echo "another inode"',
    ].join('\n'),
    says: 'fourth\n640\nf\nsave\nanother inode\n',
  },
  'vim itself': {
    needs: ['vim'],
    script:
      "echo one >vim.txt; vim -es -u NONE -c 's/one/two/' -c wq vim.txt; cat vim.txt; ls -A | grep -c vim",
    says: 'two\n1\n',
  },
  'names of all sorts': {
    needs: ['find'],
    script:
      'mkdir u; touch "u/ä ö" u/日本 "$(printf "u/\\\\377")" u/-x "u/a\nb"; find u -type f -print0 | tr -cd "\\0" | wc -c',
    says: '5\n',
  },
  'a file with a hole of 4 GiB': {
    needs: ['truncate'],
    script:
      'truncate -s 4G h; echo begin | dd of=h conv=notrunc 2>/dev/null; echo end >>h; head -c 5 h; tail -c 4 h; stat -c %s h',
    says: 'beginend\n4294967300\n',
  },
};

maybe('tools of every day work in a mount', async (t) => {
  const { mount } = await mountedDevice(t, 'one');
  for (const [name, { needs, script, says }] of Object.entries(tools)) {
    const absent = needs.find((program) => !hasProgram(program));
    if (absent !== undefined) {
      t.log(`skipped: ${name} needs ${absent}`);
      continue;
    }
    t.is(await shell(mount, script, { WRITERS: concurrentWriters }), says, name);
  }
});

maybe(
  'an agent that is killed while a program writes loses nothing that was written',
  async (t) => {
    const { mount, device } = await mountedDevice(t, 'one');
    const script =
      'exec >log; for i in $(seq 400); do echo line $i; done; echo ready >mark; read go; for i in $(seq 401 600); do echo line $i; done';
    const writer = spawn('/bin/sh', ['-euc', script], {
      cwd: mount,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const ended = once(writer, 'close');
    await shell(mount, 'until test -s mark; do sleep 0.1; done');
    await device.killAgent();
    writer.stdin.end('go\n');
    const startMs = performance.now();
    t.is((await shell(mount, 'sed -n 400p log')).trim(), 'line 400');
    t.log(`answered again after ${(performance.now() - startMs).toFixed(0)} ms`);
    t.is((await ended)[0], 0, 'who has it open goes on');
    t.is(await shell(mount, 'seq 600 | sed "s/^/line /" | cmp - log && echo same'), 'same\n');
  },
);
