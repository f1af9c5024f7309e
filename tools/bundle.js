// Puts a built program into one file: Node needs about a millisecond to find, read and link each module of
// its own, and 20 ms before the first of them, which is most of what a short command takes. Every module
// becomes a function that runs when it is asked for first. Packages are asked for as ever, but for the one
// that every command needs.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { join, relative } from 'node:path';
import ts from 'typescript';

const root = new URL('../', import.meta.url).pathname;
const dist = join(root, 'dist/');
const takenIn = 'protobufjs/minimal.js';
/** Whoever asks for it goes on without it: our numbers are plain ones (tools/generate-protobuf.js). */
const leftOut = 'long';
const programs = [{ entry: 'cli/main.js', target: 'vault.cjs' }];

const head = `'use strict';
// Made by "npm run build" of the modules beside it. Do not edit.
const loaded = [];
const loadModule = (number) => {
  if (loaded[number] === undefined) {
    const module = (loaded[number] = { exports: {} });
    modules[number](module.exports, module);
  }
  return loaded[number].exports;
};
const __importDefault = (module) => (module?.__esModule ? module : { default: module });
const __importStar = (module) => (module?.__esModule ? module : { ...module, default: module });
const __exportStar = (module, exports) => {
  for (const name of Object.keys(module)) {
    if (name === 'default' || Object.hasOwn(exports, name)) continue;
    Object.defineProperty(exports, name, { enumerable: true, get: () => module[name] });
  }
};
`;

for (const { entry, target } of programs) {
  const text = bundle(join(dist, entry));
  // In one step: somebody may be starting it at this moment.
  writeFileSync(join(dist, `${target}.new`), text);
  renameSync(join(dist, `${target}.new`), join(dist, target));
}

function bundle(entry) {
  const numbers = new Map();
  const modules = [];
  const numberOf = (file) => {
    const known = numbers.get(file);
    if (known !== undefined) return known;
    const number = numbers.size;
    numbers.set(file, number);
    modules[number] =
      `// ${relative(root, file)}\n(exports, module) => {\n${asFunction(file, numberOf)}}`;
    return number;
  };
  numberOf(entry);
  return `${head}const modules = [\n${modules.join(',\n')},\n];\nloadModule(0);\n`;
}

/** The module as the body of a function of its `exports` and, of an old one, `module`. */
function asFunction(file, numberOf) {
  const { outputText, diagnostics } = ts.transpileModule(readFileSync(file, 'utf8'), {
    fileName: file,
    reportDiagnostics: true,
    compilerOptions: {
      ...{ module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2024 },
      ...{ esModuleInterop: true, noEmitHelpers: true, removeComments: true },
    },
    transformers: { after: [takeOwnModules(file, numberOf)] },
  });
  const [mistake] = diagnostics ?? [];
  if (mistake !== undefined) {
    throw new Error(`${file}: ${ts.flattenDiagnosticMessageText(mistake.messageText, '\n')}`);
  }
  return outputText;
}

/** `require('./other.js')` becomes `loadModule(7)`. */
function takeOwnModules(file, numberOf) {
  return (context) => (source) => {
    const visit = (node) => {
      const name = requiredName(node);
      if (name === leftOut) return context.factory.createIdentifier('undefined');
      const found = name === undefined ? undefined : takenFile(file, name);
      if (found === undefined) return ts.visitEachChild(node, visit, context);
      const number = context.factory.createNumericLiteral(numberOf(found));
      const loader = context.factory.createIdentifier('loadModule');
      return context.factory.createCallExpression(loader, undefined, [number]);
    };
    return ts.visitNode(source, visit);
  };
}

/** The file of a module that goes in; undefined: it stays outside. */
function takenFile(from, name) {
  const isInside = name.startsWith('.') || name === takenIn || !from.startsWith(dist);
  return isInside && !isBuiltin(name) ? createRequire(from).resolve(name) : undefined;
}

function requiredName(node) {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return undefined;
  const [name] = node.arguments;
  const isRequire = node.expression.text === 'require' && name !== undefined;
  return isRequire && ts.isStringLiteralLike(name) ? name.text : undefined;
}
