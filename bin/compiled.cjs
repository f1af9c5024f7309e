/**
 * A program in one file with the code that was compiled when it was built (tools/compile-ahead.cjs, dist/*.compiled):
 * Node compiles a function when it is called first, which took a third of what a short command takes. Code of another
 * build, another Node or other flags, damaged code and code that cannot be read are not taken; then the program runs
 * without.
 *
 * V8 looks at the length of its code and no further: one flipped bit ends the process, or changes what it does. So the
 * code is kept twice, and taken when both are the same: that is compared in less time than any sum takes.
 */
'use strict';

const fs = require('fs');
const Module = require('module');
const path = require('path');
const vm = require('vm');

/** Of the line that a built program ends with: `//` and 32 hex digits, which follow from all before it. */
const markBytes = 35;
/** The mark, and a few more: V8 copies code that does not begin at a multiple of 8. */
const headBytes = 40;

exports.placeOf = (file) => file.replace(/\.cjs$/, '.compiled');

/** @returns the mark of the program and its code, to be kept. */
exports.make = (file) => {
  const source = fs.readFileSync(file, 'latin1');
  const v8 = require('v8');
  // All functions, not only those that a run would come to. The flags are as they were when it is kept.
  v8.setFlagsFromString('--no-lazy');
  const script = compile(file, source);
  v8.setFlagsFromString('--lazy');
  const head = Buffer.alloc(headBytes);
  head.write(markOf(source), 'latin1');
  const code = script.createCachedData();
  return Buffer.concat([head, code, code]);
};

/** Runs the program, unless there is no code that fits it: then nothing has happened. */
exports.run = (file) => {
  const kept = readIfThere(exports.placeOf(file));
  if (kept === undefined) return false;
  const source = fs.readFileSync(file, 'latin1');
  if (kept.toString('latin1', 0, markBytes) !== markOf(source)) return false;
  const middle = (headBytes + kept.length) / 2;
  const code = kept.subarray(headBytes, middle);
  if (!code.equals(kept.subarray(middle))) return false;
  const script = compile(file, source, code);
  if (script.cachedDataRejected) return false;
  const module = { exports: {} };
  const call = [module.exports, Module.createRequire(file), module, file, path.dirname(file)];
  script.runInThisContext().apply(module.exports, call);
  return true;
};

/** As Node wraps a module; the bundler writes ASCII only. */
function compile(file, source, cachedData) {
  return new vm.Script(
    `(function (exports, require, module, __filename, __dirname) { ${source}\n});`,
    {
      filename: file,
      cachedData,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    },
  );
}

function markOf(source) {
  return source.slice(-markBytes);
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}
