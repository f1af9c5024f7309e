/** `vault say` and `vault notes`: messages between devices. */
import { control as limits } from '../../protocol/limits.ts';
import type { NoteRow, SayRequest } from '../../protocol/messages/control-notes.ts';
import { escapeBytes, escapeText } from '../../protocol/text/escape.ts';
import type { Handler } from '../invocation.ts';
import { vaultPath } from '../invocation.ts';
import { boundedText } from '../local/bounded-text.ts';
import { bytesJson } from '../output/entry-row.ts';
import { formatLocalTime } from '../output/format.ts';
import { openJsonList } from '../output/json-list.ts';
import { timeJson } from '../output/log-text.ts';
import { flag, text, usageError } from '../parse/command-line.ts';
import type { CommandLine } from '../parse/command-line.ts';

export const say: Handler = async ({ line, output, client }) => {
  const request = await sayRequestOf(line);
  const row = await (await client()).say(request);
  if (output.json) output.value(noteJson(row));
  else output.note(saidLine(row));
  return 0;
};

export const notes: Handler = async ({ line, output, client }) => {
  const path = pathOf(line);
  const follow = flag(line, 'follow');
  const list = output.json && !follow ? openJsonList(output) : undefined;
  let rows = 0;
  for await (const row of (await client()).notes({ path, follow })) {
    rows += 1;
    if (!output.json) output.lines(noteLines(row));
    else if (list === undefined) output.record(noteJson(row));
    else list.row(noteJson(row));
  }
  list?.end();
  if (rows === 0) output.note('no notes; vault say leaves one');
  return 0;
};

/** One note for people; what is said on further lines is indented, so that none looks like another note. */
export function noteLines(row: NoteRow): string[] {
  const { timeMs, author, to, text: said } = row;
  const time = formatLocalTime({ seconds: Math.floor(timeMs / 1000), nanoseconds: 0 });
  const whom = to === undefined ? '' : ` to ${escapeText(to.name)}`;
  const about = row.pinned ? ` about ${pathText(row)}` : '';
  const [first = '', ...further] = said.split('\n').map(escapeText);
  return [
    `${time}  ${escapeText(author)}${whom}${about}: ${first}`,
    ...further.map((each) => `    ${each}`),
  ];
}

function saidLine(row: NoteRow): string {
  if (row.to !== undefined) return `said to ${escapeText(row.to.name)}`;
  return row.pinned ? `pinned to ${pathText(row)}` : 'said to all who read';
}

function pathText({ path }: NoteRow): string {
  return path === undefined ? 'what is gone' : `/${escapeBytes(path)}`;
}

function noteJson(row: NoteRow): Record<string, unknown> {
  const { path } = row;
  return {
    id: row.id,
    time: timeJson(row.timeMs),
    deviceId: row.deviceId,
    author: row.author,
    to: row.to ?? null,
    pinned: row.pinned,
    ...(path === undefined
      ? { path: null }
      : bytesJson('path', path.length === 0 ? Buffer.from('/') : path)),
    text: row.text,
  };
}

async function sayRequestOf(line: CommandLine): Promise<SayRequest> {
  const [first = '', second] = line.operands;
  const path = pathOf(line);
  if (second === undefined) return { text: first === '-' ? await standardInput() : first, path };
  if (path !== undefined)
    throw usageError(
      line.command,
      first,
      'what is pinned to a path is for all: no DEVICE with --path',
    );
  return { device: first, text: second === '-' ? await standardInput() : second };
}

function pathOf(line: CommandLine): Buffer | undefined {
  const typed = text(line, 'path');
  return typed === undefined ? undefined : vaultPath(line, typed).bytes;
}

/** All of it, without the end of the last line. */
async function standardInput(): Promise<string> {
  const said = await boundedText(process.stdin, {
    bytesMax: limits.saidBytesMax,
    subject: 'the note',
    tooLong: { code: 'too-large', next: 'put it into a file, and say where it is' },
  });
  return said.replace(/\r?\n$/, '');
}
