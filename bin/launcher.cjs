/**
 * Starts one of the programs on whatever Node runs this file: `require('./launcher.cjs')('vault')`.
 *
 * It answers `--version` by itself. On a Node that is new enough it loads the program in place. On an
 * old one it starts the runtime that came with the package, passes signals on and ends as that one
 * ends; when there is none, it says what to install. The console always runs in a process of its own,
 * so that somebody is left to give the terminal back when it is killed. Plain CommonJS with old syntax: it must still
 * be understood by the Node that it refuses.
 */
'use strict';

const fs = require('fs');
const path = require('path');
const url = require('url');

const root = path.resolve(__dirname, '..');
const description = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const runtimeFlags = [
  '--disallow-code-generation-from-strings',
  '--disable-warning=ExperimentalWarning',
];
const targets = {
  vault: 'cli/main',
  vaultd: 'agent/vaultd/main',
  'vault-tui': 'tui/main',
};
/** They take the terminal: whoever waits for them gives it back when they are killed. */
const guarded = ['vault-tui'];
/**
 * They stay open for days and make rows of text all the time. Without a bound the young generation grows from 32 to
 * 64 MiB in minutes, and the process with it to 176 MiB; with this one it is at 114 MiB after half an hour.
 */
const guardedFlags = ['--max-semi-space-size=4'];
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];

module.exports = function launch(program) {
  if (process.argv.length === 3 && process.argv[2] === '--version') {
    process.stdout.write(`${program} ${description.version}\n`);
    return;
  }
  keepMemoryOutOfCoreFiles();
  if (isNewEnough(process.versions.node)) {
    if (guarded.includes(program) && process.stdin.isTTY && !isStartedHere()) {
      runElsewhere(program, process.execPath);
    } else {
      runHere(program);
    }
  } else {
    runElsewhere(program, packagedRuntime());
  }
};
/** For what prepares the programs: what they run on. */
module.exports.runtime = () => [packagedRuntime() || process.execPath].concat(runtimeFlags);

/**
 * All programs hold secrets for a while: words, passphrases, tickets, contents. What the kernel writes of one
 * that crashed is to have no memory in it; processes that are started from here inherit that.
 */
function keepMemoryOutOfCoreFiles() {
  try {
    fs.writeFileSync('/proc/self/coredump_filter', '0');
  } catch (error) {
    // A client has no log, and every command would say the same: the agent does, in its own.
    if (!error.code) throw error;
  }
}

function isStartedHere() {
  return process.env.PEERVAULT_STARTED_BY_LAUNCHER !== undefined;
}

/** `engines` of the package is `>=MAJOR.MINOR`. */
function isNewEnough(version) {
  const have = version.split('.').map(Number);
  const want = description.engines.node.replace('>=', '').split('.').map(Number);
  return have[0] > want[0] || (have[0] === want[0] && have[1] >= want[1]);
}

function runHere(program) {
  endWithLauncher();
  // Before the first import: a library looks at it once.
  if (guarded.includes(program)) process.env.NODE_ENV = 'production';
  enableCompileCache();
  const fail = (error) => {
    process.stderr.write(`${program}: it could not be loaded: ${error.stack || error}\n`);
    process.exitCode = 1;
  };
  // All of it in one file (tools/bundle.js): that starts in half the time.
  const whole = path.join(root, 'dist', `${program}.cjs`);
  if (!fs.existsSync(whole)) {
    require('./load.cjs')(url.pathToFileURL(targetOf(program)).href).catch(fail);
    return;
  }
  try {
    if (!require('./compiled.cjs').run(whole)) require(whole);
  } catch (error) {
    fail(error);
  }
}

/** The built program; in a source tree that was not built, the source. */
function targetOf(program) {
  const built = path.join(root, 'dist', `${targets[program]}.js`);
  return fs.existsSync(built) ? built : path.join(root, `${targets[program]}.ts`);
}

/** When the launcher that waits for this process is killed, this process ends too, and cleanly. */
function endWithLauncher() {
  if (!isStartedHere()) return;
  delete process.env.PEERVAULT_STARTED_BY_LAUNCHER;
  if (process.channel === undefined) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}

/**
 * Compiled code is kept in a directory of the user's own: the default below the shared temporary
 * directory could be prepared by somebody else.
 */
function enableCompileCache() {
  const home = process.env.XDG_CACHE_HOME || (process.env.HOME && `${process.env.HOME}/.cache`);
  if (!home || !path.isAbsolute(home) || process.env.NODE_COMPILE_CACHE) return;
  require('module').enableCompileCache(path.join(home, 'peervault', 'compiled'));
}

function runElsewhere(program, runtime) {
  if (runtime === undefined || isStartedHere()) {
    process.stderr.write(
      `${program}: Node ${process.versions.node} is too old: ${description.name} needs ` +
        `${description.engines.node} and brings no runtime for ${process.platform}-${process.arch}\n` +
        '  try: install Node 24 from https://nodejs.org or your distribution, or run "npm ci" ' +
        'again with optional dependencies\n',
    );
    process.exitCode = 1;
    return;
  }
  // Says to the runtime that it was started here: it is started once only.
  const environment = Object.assign({}, process.env, {
    PEERVAULT_STARTED_BY_LAUNCHER: String(process.pid),
  });
  const restoreTerminal = guarded.includes(program) ? rememberTerminal() : undefined;
  const flags = guarded.includes(program) ? runtimeFlags.concat(guardedFlags) : runtimeFlags;
  const child = require('child_process').spawn(
    runtime,
    flags.concat(process.argv[1], process.argv.slice(2)),
    { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env: environment },
  );
  child.on('error', (error) => {
    process.stderr.write(`${program}: ${runtime} cannot be started (${error.message})\n`);
    process.exitCode = 1;
  });
  const stopForwarding = forwardSignals(child);
  child.on('exit', (code, signal) => {
    stopForwarding();
    if (signal && restoreTerminal) {
      restoreTerminal();
      process.stderr.write(`${program}: ended by ${signal}\n`);
      process.exit(128 + require('os').constants.signals[signal]);
    }
    if (signal) process.kill(process.pid, signal);
    else process.exit(code);
  });
}

/**
 * How the terminal is now, as a function that makes it so again: the main screen, the cursor, no mouse
 * reports, no colours, echo and lines as they were. undefined: there is no terminal.
 */
function rememberTerminal() {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  const saved = stty(['-g']);
  return () => {
    fs.writeSync(
      1,
      '\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[?2026l\x1b[<u\x1b[0m\x1b[?25h\x1b[?1049l',
    );
    if (saved !== undefined) stty([saved.trim()]);
  };
}

/** undefined: there is no such program. */
function stty(words) {
  const result = require('child_process').spawnSync('stty', words, {
    stdio: ['inherit', 'pipe', 'ignore'],
    encoding: 'utf8',
  });
  return result.status === 0 ? result.stdout : undefined;
}

/** The runtime package that npm installed for this machine, beside or above this package. */
function packagedRuntime() {
  try {
    const directory = require.resolve(`node-${process.platform}-${process.arch}/package.json`);
    const runtime = path.join(path.dirname(directory), 'bin', 'node');
    return fs.existsSync(runtime) ? runtime : undefined;
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/**
 * A terminal sends its Ctrl-C to both processes: passing that one on would be a second Ctrl-C.
 */
function forwardSignals(child) {
  const listeners = forwarded.map((signal) => {
    const listener = () => {
      const fromTerminal = (signal === 'SIGINT' || signal === 'SIGQUIT') && isInForeground();
      if (!fromTerminal) child.kill(signal);
    };
    process.on(signal, listener);
    return [signal, listener];
  });
  return () => listeners.forEach((pair) => process.removeListener(pair[0], pair[1]));
}

/** Whether the terminal's foreground process group is ours; fields 5 and 8 of /proc/self/stat. */
function isInForeground() {
  try {
    const stat = fs.readFileSync('/proc/self/stat', 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[2] === fields[5];
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'EACCES') return false;
    throw error;
  }
}
