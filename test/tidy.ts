import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import test from 'ava';
import { errorCodes, errorSentences, type ErrorCode } from '../protocol/errors.ts';
import { exitStatuses, exitStatusMeanings } from '../protocol/exit-status.ts';
import * as limits from '../protocol/limits.ts';
import { controlMethods, peerMethods } from '../protocol/methods.ts';
import { projectFiles, projectRoot, readProjectFile } from './helpers/project-files.ts';
import { definedMessages, describedMessages, spec, specRows } from './helpers/spec.ts';
import { temporaryDirectory } from './helpers/temporary-directory.ts';
import { testedElsewhere } from './fixtures/tested-elsewhere.ts';

const files = projectFiles();
const isGenerated = (file: string): boolean => /^protocol\/proto\/.*\.(js|d\.ts)$/.test(file);
const isText = (file: string): boolean =>
  /\.(tsx?|js|cjs|md|proto|json|yml|[178]|sh)$/.test(file) || /^(bin|\.ci)\//.test(file);
const written = files.filter((file) => isText(file) && !isGenerated(file));
const sources = written.filter((file) =>
  /^(protocol|agent|cli|tui|demo|examples|tools)\/.*\.(tsx?|js)$/.test(file),
);

/** `file:line: text` of every line of `among` that `pattern` matches. */
function linesLike(pattern: RegExp, among: readonly string[]): readonly string[] {
  return among.flatMap((file) =>
    readProjectFile(file)
      .split('\n')
      .flatMap((line, at) =>
        pattern.test(line) ? `${file}:${String(at + 1)}: ${line.trim()}` : [],
      ),
  );
}

// --- sources -------------------------------------------------------------------------------------

test('every source file begins with a comment that says what it is for', (t) => {
  t.true(sources.length > 300);
  for (const file of sources) t.regex(readProjectFile(file), /^(#!.*\n)?(\/\*\*|\/\/) ?\S?/, file);
});

test('no head comment has more than twelve lines', (t) => {
  for (const file of sources) {
    const head = /^\/\*\*[^]*?\*\//.exec(readProjectFile(file))?.[0] ?? '';
    t.true(head.split('\n').length <= 14, `${file}: ${String(head.split('\n').length)} lines`);
  }
});

test('no comment and no line of prose is longer than 120 characters', (t) => {
  const isComment = /^\s*(\/\*\*|\*|\/\/)/;
  for (const file of written.filter((name) => /\.(tsx?|js|cjs|proto)$/.test(name))) {
    for (const [at, line] of readProjectFile(file).split('\n').entries()) {
      const length = isComment.test(line) || file.endsWith('.proto') ? line.length : 0;
      t.true(length <= 120, `${file}:${String(at + 1)}`);
    }
  }
  for (const file of written.filter((name) => name.endsWith('.md'))) {
    const prose = readProjectFile(file).replaceAll(/^```[^]*?^```/gm, (code) =>
      code.replaceAll(/.+/g, ''),
    );
    for (const [at, line] of prose.split('\n').entries()) {
      const isTable = line.startsWith('|') || line.startsWith('<!--');
      t.true(isTable || line.length <= 120, `${file}:${String(at + 1)}`);
    }
  }
});

test('nothing is left for later in a comment', (t) => {
  const later = new RegExp(`\\b(${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')}|XXX)\\b`);
  t.deepEqual(
    linesLike(
      later,
      written.filter((file) => file !== 'test/tidy.ts'),
    ),
    [],
  );
});

test('no file names a place of one machine or the host of a package registry', (t) => {
  const words = ['/work' + '/main', '/work' + '/shared', '/root' + '/', '/tmp' + '/briefs'];
  const hosts = ['regis' + 'try\\.', 'arti' + 'factory', 'code' + 'load\\.'];
  t.deepEqual(linesLike(new RegExp([...words, ...hosts].join('|')), written), []);
});

test('the lock file names no registry', (t) => {
  t.notRegex(readProjectFile('package-lock.json'), /"resolved":/);
});

test('every part of the protocol that a comment refers to exists', (t) => {
  const headings = new Set([...spec.matchAll(/^#{2,4} `?([^`\n]+)`?$/gm)].map(([, text]) => text));
  const named = new Set([
    ...headings,
    ...[...spec.matchAll(/\*\*([^*\n]+?)\.?\*\*/g)].map(([, text]) => text),
  ]);
  let references = 0;
  for (const file of written.filter(
    (name) => /\.(ts|proto)$/.test(name) && name !== 'test/tidy.ts',
  )) {
    const text = readProjectFile(file).replaceAll(/\n\s*(\*|\/\/)\s*/g, ' ');
    for (const [, list = ''] of text.matchAll(
      /SPEC\.md, (?:part )?((?:"[A-Z][^"\n]{2,40}"(?:, )?)+)/g,
    )) {
      for (const [, part = ''] of list.matchAll(/"([^"]+)"/g)) {
        references += 1;
        t.true(named.has(part), `${file}: "${part}"`);
      }
    }
  }
  t.true(references > 10);
});

// --- protocol ------------------------------------------------------------------------------------

test('every message of the protocol is described, with the schema that the program has', (t) => {
  const described = Map.groupBy(describedMessages(), ({ name }) => name);
  const defined = definedMessages();
  t.true(defined.length > 80);
  for (const { name, schema, fields } of defined) {
    const found = (described.get(name) ?? []).find((part) => part.schema === schema);
    t.truthy(found, `${name} is not described as it is defined`);
    t.deepEqual(found?.fields, fields, `fields of ${name}`);
    t.true((found?.description.length ?? 0) > 10, name);
  }
  t.is(describedMessages().length, defined.length, 'a message is described that does not exist');
});

test('every call is described with its number', (t) => {
  const rows = specRows();
  for (const [name, number] of Object.entries({ ...controlMethods })) {
    t.true(
      rows.some(([first, second]) => first === String(number) && second === `\`${name}\``),
      name,
    );
  }
  for (const [name, number] of Object.entries({ ...peerMethods })) {
    t.true(
      rows.some(([first, second]) => first === String(number) && second === `\`${name}\``),
      name,
    );
  }
});

test('every error code is described with its number, its sentence and its exit status', (t) => {
  const rows = specRows();
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    const row = rows.find(([, name]) => name === `\`${code}\``);
    const status = String(exitStatuses[code]);
    t.deepEqual(row, [String(errorCodes[code]), `\`${code}\``, errorSentences[code], status], code);
  }
});

test('every limit is listed with its value, and no other one', (t) => {
  const rows = specRows().filter(
    ([name = '', value = '']) => /^`\w+\.\w+`$/.test(name) && /^\d/.test(value),
  );
  const listed = new Map(
    rows.map(([name = '', value = '']) => [name, Number(value.replaceAll(',', ''))]),
  );
  const real = Object.entries(limits).flatMap(([group, values]) =>
    typeof values === 'object'
      ? Object.entries(values).map(
          ([name, value]) => [`\`${group}.${name}\``, Number(value)] as const,
        )
      : [],
  );
  t.true(real.length > 60);
  t.deepEqual(listed, new Map(real));
});

test('the generated modules are those of the message definitions', async (t) => {
  const copy = await temporaryDirectory(t);
  const folder = join(copy, 'protocol', 'proto');
  await mkdir(folder, { recursive: true });
  await writeFile(join(copy, 'package.json'), '{ "type": "module" }');
  cpSync(join(projectRoot, 'tools/generate-protobuf.js'), join(copy, 'tools/generate-protobuf.js'));
  const originals = join(projectRoot, 'protocol/proto');
  for (const name of readdirSync(originals).filter((file) => file.endsWith('.proto'))) {
    cpSync(join(originals, name), join(folder, name));
  }
  const result = spawnSync(process.execPath, [join(copy, 'tools/generate-protobuf.js')], {
    encoding: 'utf8',
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      PATH: [join(projectRoot, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
    },
  });
  t.is(result.status, 0, result.stderr);
  for (const name of readdirSync(originals)) {
    const made = readFileSync(join(folder, name), 'utf8');
    t.is(made, readFileSync(join(originals, name), 'utf8'), `${name}: run "npm run generate"`);
  }
});

// --- man pages -----------------------------------------------------------------------------------

const manPages = files.filter((file) => /^man\/.*\.[178]$/.test(file));

test('every exit status stands in the man page of every program', (t) => {
  const programs = manPages.filter((file) => !file.endsWith('.7'));
  t.is(programs.length, 3);
  for (const file of programs) {
    const [, section = ''] = /^\.Sh EXIT STATUS\n([^]*?)^\.Sh /m.exec(readProjectFile(file)) ?? [];
    for (const [status, meaning] of Object.entries(exitStatusMeanings)) {
      t.regex(section, new RegExp(`^\\.It ${status}\n${meaning}`, 'im'), `${file}: ${status}`);
    }
  }
});

test('mandoc finds nothing to complain about in any man page', (t) => {
  if (spawnSync('mandoc', ['-Tlint', '/dev/null']).error !== undefined) {
    t.log('mandoc is not installed: skipped');
    t.pass();
    return;
  }
  t.is(manPages.length, 4);
  for (const file of manPages) {
    // It looks for the pages that this one refers to in the directory that it runs in.
    const name = file.slice('man/'.length);
    const cwd = join(projectRoot, 'man');
    const { stdout } = spawnSync('mandoc', ['-Tlint', '-Wall', name], { cwd, encoding: 'utf8' });
    t.is(stdout, '', file);
  }
});

// --- tests ---------------------------------------------------------------------------------------

const tested = files.filter(
  (file) => /^(protocol|agent|cli)\/.*\.ts$/.test(file) && !isGenerated(file),
);

test('every source file has a test of its own, or is listed with the tests that run it', (t) => {
  for (const file of tested) {
    t.true(existsSync(join(projectRoot, 'test', file)) || file in testedElsewhere, file);
  }
});

test('what is listed as tested elsewhere exists, and so do the tests', (t) => {
  for (const [file, { by, because }] of Object.entries(testedElsewhere)) {
    t.true(existsSync(join(projectRoot, file)), `${file} is listed and does not exist`);
    t.true(because.length > 10, file);
    for (const path of by) t.true(existsSync(join(projectRoot, path)), `${file}: ${path}`);
  }
});
