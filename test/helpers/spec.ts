/** The protocol's text and the message definitions, taken apart so that tests can compare them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, readProjectFile } from './project-files.ts';

export interface MessageText {
  readonly name: string;
  /** The definition without comments and empty lines. */
  readonly schema: string;
  /** Names of its fields, in order; of an enum none. */
  readonly fields: readonly string[];
}

/** A message as the text describes it. */
export interface DescribedMessage extends Omit<MessageText, 'fields'> {
  readonly description: string;
  /** First column of its table. */
  readonly fields: readonly string[];
}

export const spec = readProjectFile('protocol/SPEC.md');

/** Every message and enum of protocol/proto/*.proto. */
export function definedMessages(): readonly MessageText[] {
  const folder = 'protocol/proto';
  const sources = readdirSync(join(projectRoot, folder)).filter((name) => name.endsWith('.proto'));
  return sources.flatMap((name) => {
    const text = readProjectFile(`${folder}/${name}`);
    const definition = /^message (\w+) \{[^\n]*\}$|^(?:message|enum) (\w+) \{\n[^]*?^\}$/gm;
    return [...text.matchAll(definition)].map(([whole, short, long]) => {
      const schema = bare(whole);
      const isMessage = schema.startsWith('message');
      const fields = isMessage ? [...schema.matchAll(/ (\w+) = \d+;/g)] : [];
      return { name: short ?? long ?? '', schema, fields: fields.map(([, field = '']) => field) };
    });
  });
}

/** Every part of the text whose heading is the name of a message. */
export function describedMessages(): readonly DescribedMessage[] {
  const part = /^#### `(\w+)`\n\n([^]*?)\n\n```proto\n([^]*?)\n```\n([^]*?)(?=^#|\n\n(?!\|))/gm;
  return [...spec.matchAll(part)].map(
    ([, name = '', description = '', schema = '', rest = '']) => ({
      name,
      description,
      schema,
      fields: [...rest.matchAll(/^\| `(\w+)` \| \S/gm)].map(([, field = '']) => field),
    }),
  );
}

/** Rows of every table in the text, as cells. */
export function specRows(): readonly (readonly string[])[] {
  return spec
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.slice(2, -2).split(' | '));
}

function bare(definition: string): string {
  return definition
    .replaceAll(/[ \t]*\/\/.*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .join('\n');
}
