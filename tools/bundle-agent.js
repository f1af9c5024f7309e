/**
 * Puts the agent and what runs beside it into one file each: an entry in dist/ is written anew, with every module of
 * ours in it that it asks for, at once or later. Finding, opening and linking hundreds of small files was most of what
 * a start took. Other than those of the client (tools/bundle.js), these modules may wait while they load, and know
 * where they stand: each runs when it is first asked for, and has its own `import.meta`. Packages stay outside, and
 * the other files of dist/ as the compiler made them.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '..');
const entries = [
  'agent/main.ts',
  'agent/vaultd/main.ts',
  'agent/host/index-probe-child.ts',
  'agent/host/work-worker.ts',
];
const compilerOptions = {
  module: ts.ModuleKind.CommonJS,
  target: ts.ScriptTarget.ES2024,
  isolatedModules: true,
  esModuleInterop: true,
  removeComments: true,
};
/** What the compiler makes of an import of one of our own files, static or not. */
const ownImport = /\brequire\((["'])(\.{1,2}\/[^"']+)\1\)/g;

/** The head of each program: gives a module what it asks for. */
const loader = `
const loaded = new Map();
function load(name) {
  const body = modules[name];
  if (body === undefined) return outside(name);
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const exports = {};
  loaded.set(name, exports);
  const { href: url } = new URL(name, root);
  const filename = fileURLToPath(url);
  return body(exports, load, { url, filename, dirname: dirname(filename) }) ?? exports;
}`;

/** By path from the root: what became of a file. Programs share most of them. */
const made = new Map();

for (const entry of entries) {
  const target = join(root, 'dist', toJs(entry));
  // In one step: somebody may be starting it at this moment.
  writeFileSync(`${target}.new`, bundle(entry));
  renameSync(`${target}.new`, target);
}

/** A program as one ES module. */
function bundle(entry) {
  const files = reach(entry);
  // Modules that wait while they load, as ES modules may, are there before anybody asks for them.
  const waiting = files.filter((file) => make(file).waits && file !== entry);
  const up = relative(dirname(entry), '.') || '.';
  return [
    '// Made by tools/bundle-agent.js.',
    `import { createRequire } from 'node:module';`,
    `import { dirname } from 'node:path';`,
    `import { fileURLToPath } from 'node:url';`,
    `const root = new URL('${up}/', import.meta.url);`,
    `const outside = createRequire(import.meta.url);`,
    `const modules = {\n${files.map(moduleOf).join(',\n')}\n};${loader}`,
    ...[...waiting, entry].map((file) => `await load('${toJs(file)}');`),
    '',
  ].join('\n');
}

function moduleOf(file) {
  const { code, waits } = make(file);
  // In brackets: V8 compiles such a function with the file, so that it is in the compile cache.
  return `'${toJs(file)}': (${waits ? 'async ' : ''}function (exports, require, meta) {\n${code}\n})`;
}

/** Every file of ours that one asks for, each after what it asks for. */
function reach(entry) {
  const found = new Set();
  const visited = new Set();
  const visit = (file) => {
    if (visited.has(file)) return;
    visited.add(file);
    make(file).asksFor.forEach(visit);
    found.add(file);
  };
  visit(entry);
  return [...found];
}

function make(file) {
  const known = made.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(join(root, file), 'utf8');
  const { outputText } = ts.transpileModule(text, { compilerOptions, fileName: file });
  const asksFor = new Set();
  const code = outputText
    .replace(ownImport, (_, quote, wanted) => {
      const target = join(dirname(file), wanted);
      asksFor.add(target);
      return `require('${toJs(target)}')`;
    })
    .replaceAll('import.meta', 'meta');
  const result = { code, asksFor, waits: waitsAtTop(text, file) };
  made.set(file, result);
  return result;
}

function waitsAtTop(text, file) {
  const waits = (node) => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return false;
    return ts.isAwaitExpression(node) || (ts.forEachChild(node, waits) ?? false);
  };
  return waits(ts.createSourceFile(file, text, ts.ScriptTarget.ES2024, true));
}

function toJs(file) {
  return file.replace(/\.tsx?$/, '.js');
}
