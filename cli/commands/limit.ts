/** `vault limit`: how fast content may come from other devices, and go to them. */
import { formatRate, parseRate } from '../../protocol/text/rate.ts';
import type { Handler } from '../invocation.ts';
import { flag, text, usageError } from '../parse/command-line.ts';
import type { CommandLine } from '../parse/command-line.ts';

export const limit: Handler = async ({ line, output, client }) => {
  const asked = flag(line, 'off')
    ? off(line)
    : { down: rateOf(line, 'down'), up: rateOf(line, 'up') };
  const report = await (
    await client()
  ).limit({ inBytesPerSecond: asked.down, outBytesPerSecond: asked.up });
  if (output.json) output.value(report);
  else {
    output.lines([
      `down  ${formatRate(report.inBytesPerSecond)}`,
      `up    ${formatRate(report.outBytesPerSecond)}`,
    ]);
  }
  return 0;
};

function off(line: CommandLine): { down: number; up: number } {
  if (text(line, 'down') === undefined && text(line, 'up') === undefined) return { down: 0, up: 0 };
  throw usageError(line.command, '--off', 'it takes both limits away, and goes with no other');
}

function rateOf(line: CommandLine, name: 'down' | 'up'): number | undefined {
  const typed = text(line, name);
  if (typed === undefined) return undefined;
  const rate = parseRate(typed);
  if (rate !== undefined) return rate;
  throw usageError(line.command, `--${name} ${typed}`, 'a rate is needed, as 500KiB, 2MiB or off');
}
