/** `vault mount`: the vault as a folder of this machine. */
import { mountDrivers } from '../../protocol/control/reports.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Handler } from '../invocation.ts';
import { flag, text } from '../parse/command-line.ts';
import { mountDirectory } from '../paths/mount-directory.ts';

export const mount: Handler = async ({ line, output, client }) => {
  const directory = mountDirectory(line);
  const row = await (
    await client()
  ).mount({
    directory,
    allowOther: flag(line, 'allow-other'),
    driver: mountDrivers.find((name) => name === text(line, 'driver')),
  });
  if (output.json) output.value(row);
  else output.note(escapeText(`mounted at ${row.path}${row.readOnly ? ', read-only' : ''}`));
  return 0;
};
