/** `vault umount`: takes the mount away; what was written in it is in the vault then. */
import { resolve } from 'node:path';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Handler } from '../invocation.ts';
import { flag } from '../parse/command-line.ts';

export const umount: Handler = async ({ line, output, client }) => {
  const directory = resolve(line.operands[0] ?? '.');
  const row = await (await client()).unmount({ directory, force: flag(line, 'force') });
  if (output.json) output.value(row);
  else output.note(escapeText(`unmounted ${row.path}`));
  return 0;
};
