// Compiles protocol/proto/*.proto to static modules beside them (no code generation at run time).
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const imported = 'import $protobuf from "protobufjs/minimal.js";\n';
/** Numbers of 64 bits come as plain ones, not as objects: wire-number.ts refuses what is not exact. */
const withoutLong = `
$protobuf.util.Long = null;
$protobuf.configure();
`;
const folder = new URL('../protocol/proto/', import.meta.url).pathname;
for (const name of readdirSync(folder).filter((file) => file.endsWith('.proto'))) {
  const root = name.replace('.proto', '');
  const target = `${folder}${root}.js`;
  execFileSync(
    'pbjs',
    [
      '-t',
      'static-module',
      '-w',
      'esm',
      '-r',
      `peervault-${root}`,
      '-d',
      '--force-number',
      '--no-create',
      '--no-verify',
      '--no-convert',
      '--no-delimited',
      '--no-service',
      '--no-typeurl',
      '-o',
      target,
      `${folder}${name}`,
    ],
    { stdio: 'inherit' },
  );
  const head = `// Generated from ${name} by "npm run generate". Do not edit.\n`;
  for (const file of [target, `${folder}${root}.d.ts`]) {
    const text = readFileSync(file, 'utf8')
      .replace(imported, `$&${withoutLong}`)
      .replace(/^\/\*\*[\s\S]*?\*\/\n/gm, '')
      .replace(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, '');
    writeFileSync(file, head + text);
  }
}
