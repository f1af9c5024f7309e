// Puts each program into one file: Node needs about a millisecond to find, read and link a module of its own,
// which is most of what a short command or the start of an agent takes. Packages stay outside, but for the one
// that every command needs. A module that is imported later runs when it is imported, as it does without this.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import launcher from '../bin/launcher.cjs';

const root = join(import.meta.dirname, '..');
/** Of every command: it is in the file of the client. */
const packageInside = 'protobufjs/minimal.js';
const requireOutside = `
import { createRequire as requireFrom } from 'node:module';
const outside = requireFrom(import.meta.url);`;

// A CommonJS file starts 20 ms sooner than a module, and this program starts with each command.
await bundle('cli/main.ts', 'dist/vault.cjs', {
  format: 'cjs',
  plugins: [packagesImported(), withoutLong()],
});
compileAhead('dist/vault.cjs');
for (const name of ['main', 'vaultd/main', 'host/index-probe-child', 'host/work-worker']) {
  const outfile = `dist/agent/${name}.js`;
  await bundle(`agent/${name}.ts`, outfile, {
    format: 'esm',
    banner: { js: requireOutside },
    plugins: [packagesRequired(), ownPlaces(outfile)],
  });
}

async function bundle(entry, outfile, options) {
  const { warnings } = await build({
    ...options,
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: `${outfile}.new`,
    bundle: true,
    platform: 'node',
    target: 'node22',
  });
  if (warnings.length > 0) throw new Error(`${entry}: see the warnings`);
  await mark(join(root, `${outfile}.new`));
  // In one step: somebody may be starting it at this moment.
  await rename(join(root, `${outfile}.new`), join(root, outfile));
}

/** The last line follows from all before it: compiled code is known by it (bin/compiled.cjs). */
async function mark(file) {
  const text = await readFile(file);
  const hash = createHash('sha256').update(text).digest('hex');
  await writeFile(file, `//${hash.slice(0, 32)}\n`, { flag: 'a' });
}

function compileAhead(file) {
  const [node, ...flags] = launcher.runtime();
  const words = [join(root, 'tools/compile-ahead.cjs'), join(root, file)];
  execFileSync(node, [...flags, ...words], { stdio: 'inherit' });
}

function isPackage({ path, kind, importer }) {
  const isOurs = !importer.includes('/node_modules/');
  return kind !== 'entry-point' && isOurs && !path.startsWith('.') && !isBuiltin(path);
}

/** As the module says. */
function packagesImported() {
  return {
    name: 'packages imported',
    setup({ onResolve }) {
      onResolve({ filter: /./ }, (wanted) =>
        isPackage(wanted) && wanted.path !== packageInside
          ? { path: wanted.path, external: true }
          : undefined,
      );
    },
  };
}

/** Not imported: Node would read each of their files twice, to find what it exports. */
function packagesRequired() {
  return {
    name: 'packages required',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /./ }, (wanted) =>
        isPackage(wanted) ? { path: wanted.path, namespace: 'package' } : undefined,
      );
      onLoad({ filter: /./, namespace: 'package' }, ({ path }) => ({
        contents: `module.exports = outside(${JSON.stringify(path)});`,
      }));
    },
  };
}

/** A module goes on looking for its neighbours where the compiler has put them. */
function ownPlaces(outfile) {
  return {
    name: 'own places',
    setup({ onLoad }) {
      onLoad({ filter: /\.tsx?$/ }, async ({ path }) => {
        const place = relative(dirname(outfile), join('dist', relative(root, path)));
        const url = `new URL(${JSON.stringify(place.replace(/\.tsx?$/, '.js'))}, import.meta.url)`;
        const text = await readFile(path, 'utf8');
        const contents = text.replaceAll('import.meta.url', `${url}.href`);
        return { contents, loader: path.endsWith('x') ? 'tsx' : 'ts' };
      });
    },
  };
}

/** protobufjs goes on without it: our numbers are plain ones (tools/generate-protobuf.js). */
function withoutLong() {
  return {
    name: 'without long',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^long$/ }, ({ path }) => ({ path, namespace: 'nothing' }));
      onLoad({ filter: /./, namespace: 'nothing' }, () => ({ contents: 'module.exports = null;' }));
    },
  };
}
